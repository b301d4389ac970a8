import { endpoint } from '#platform/endpoint.ts';
import contentCreate from './content-create.ts';

export default endpoint({
  ...contentCreate,
  summary: 'Publish a small video sent as a form; the same as creating a content.',
  path: '/api/content/upload',
});
