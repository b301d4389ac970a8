import { MediaAssets } from '#domain/media/media-asset.model.ts';
import { newId, toId } from '#platform/id.ts';
import { type Load, load } from '../support/load.ts';
import { type Figure, figure, inTurns, type Row } from '../support/row.ts';
import { startBaseline, startFunction } from '../support/server.ts';
import { people, useEngines } from '../support/world.ts';

const ROUNDS = 3;
const SECONDS = 2;

/** What the kernel costs: the same queries, through all of our pipeline and through none of it. */
export const endpoint: Row = {
  name: 'endpoint',
  about:
    'usersGet for a guest and mediaStatus for a signed-in person, through the whole pipeline, against a bare framework handler that makes the same queries (and stays in the domain that the framework runs it in; ours leaves that); 16 connections.',
  run: async (say) => {
    await useEngines();
    const [person] = await people();
    if (!person) throw new Error('nobody was registered');
    const asset = await readyAsset(person.id);
    const headers = { authorization: `Bearer ${person.token}` };
    return [
      ...(await compare('guest', 'usersGet', `/api/users/${person.id}`, {}, say)),
      ...(await compare('signed in', 'mediaStatus', `/api/media/uploads/${asset}`, headers, say)),
    ];
  },
};

async function compare(
  who: string,
  target: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  say: (line: string) => void,
): Promise<Figure[]> {
  const ours = await startFunction(target, { path, headers });
  const bare = await startBaseline('endpoint', { path, headers });
  try {
    say(`  ${target} at ${ours.url}, bare at ${bare.url}`);
    const ask = (url: string) => () => load(`${url}${path}`, SECONDS, headers);
    await ask(ours.url)();
    await ask(bare.url)();
    const loads = await inTurns<Load>(ROUNDS, ask(ours.url), ask(bare.url));
    return [
      figure(`${who}, throughput`, 'requests/s', loads, ({ perSecond }) => perSecond),
      figure(`${who}, p50`, 'ms', loads, ({ p50 }) => p50),
      figure(`${who}, p99`, 'ms', loads, ({ p99 }) => p99),
      figure(`${who}, processor time`, 'ms', loads, ({ cpuMs }) => cpuMs),
    ];
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

async function readyAsset(owner: string): Promise<string> {
  const _id = newId<'media'>();
  const declared = { bytes: 1_000_000, mime: 'video/mp4' };
  const object = `bench/${_id.toHexString()}`;
  await MediaAssets.create([
    {
      _id,
      owner: toId<'user'>(owner),
      purpose: 'video',
      bucket: 'bench',
      object,
      declared,
      status: 'ready',
    },
  ]);
  return _id.toHexString();
}
