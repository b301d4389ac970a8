import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';

/** The framework and one function, and nothing else. */
export function serve(handler) {
  http('bare', handler);
  getTestServer('bare').listen(Number(process.env.PORT), '127.0.0.1');
  // Ends in order, so that Node keeps what it compiled for the next start.
  process.once('SIGTERM', () => process.exit(0));
}
