import { deadLetters, replay } from '#domain/system/dead-letters.ts';
import { useEnvironment } from '#local/stack/environment.ts';
import { connect, disconnect } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { closePubSub } from '#platform/pubsub.ts';

/** `npm run dead-letters` lists; `npm run dead-letters -- replay <eventId>` or `-- replay all`. */
const [action = 'list', which] = process.argv.slice(2);

await useEnvironment();
await connect();
const { items } = await deadLetters({ page: 1, limit: 100 });
if (action === 'replay') {
  const chosen = which === 'all' ? items.map(({ _id }) => _id) : [toId<'event'>(which ?? '')];
  for (const id of chosen) {
    await replay(id, new Date());
    console.log(`replayed ${id.toHexString()}`);
  }
} else {
  for (const { _id, type, deadLetters: letters } of items)
    console.log(
      `${_id.toHexString()}  ${type}  ${letters.at(-1)?.consumer}  ${letters.at(-1)?.error}`,
    );
  console.log(`${items.length} dead letters`);
}
await closePubSub();
await disconnect();
