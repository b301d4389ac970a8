import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { moveStream, mustMoveStream, NEXT_STATUS } from '#domain/live/live-state.ts';
import { LIVE_STATUSES, type LiveStatus, LiveStreams } from '#domain/live/live-stream.model.ts';
import { transaction } from '#platform/database.ts';
import { newId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

async function aStreamIn(status: LiveStatus) {
  const _id = newId<'live'>();
  const open = ['starting', 'live', 'interrupted'].includes(status);
  await LiveStreams.create([
    {
      _id,
      broadcaster: newId(),
      title: 'x',
      channel: `live_${_id}`,
      status,
      ...(open && { open: true }),
    },
  ]);
  return _id;
}
const eventsOf = async (id: string) => {
  const rows = await OutboxEvents.find({ key: id }).sort({ seq: 1 }).lean();
  return rows.map(({ type }) => type);
};

const pairs = LIVE_STATUSES.flatMap((from) => LIVE_STATUSES.map((to) => [from, to] as const));

/** The table of the specification, written down a second time on purpose. */
const ALLOWED = new Set([
  ...['scheduled starting', 'scheduled ended'],
  ...['starting live', 'starting ended', 'starting terminated'],
  ...['live interrupted', 'live ended', 'live terminated'],
  ...['interrupted live', 'interrupted ended', 'interrupted terminated'],
]);

test('the table of states is that of the specification', () => {
  const table = pairs.filter(([from, to]) => NEXT_STATUS[from].includes(to));

  expect(table.map((pair) => pair.join(' ')).sort()).toEqual([...ALLOWED].sort());
});

describe.each(pairs.filter(([from, to]) => ALLOWED.has(`${from} ${to}`)))('%s → %s', (from, to) => {
  test('is gone, told of once, and not gone again', async () => {
    const id = await aStreamIn(from);
    const move = () => transaction(() => moveStream(id, to, {}, world.now()));

    const [first, second] = await Promise.all([move(), move()]);

    const stream = await LiveStreams.findOne({ _id: id }).lean();
    expect([first, second].filter((moved) => moved !== null)).toHaveLength(1);
    expect(stream).toMatchObject({ status: to, version: 1, timeline: [{ status: to }] });
    expect(stream?.open ?? false).toBe(['starting', 'live', 'interrupted'].includes(to));
    const told = to === 'live' ? (from === 'starting' ? 'started' : 'resumed') : to;
    expect(await eventsOf(id.toHexString())).toEqual([`live.${told}`]);
  });
});

describe.each(pairs.filter(([from, to]) => !ALLOWED.has(`${from} ${to}`)))(
  '%s ↛ %s',
  (from, to) => {
    test('is refused, and leaves the stream as it is', async () => {
      const id = await aStreamIn(from);

      const moved = transaction(() => mustMoveStream(id, to, {}, world.now()));

      await expect(moved).rejects.toMatchObject({ code: 'conflict', facts: { current: from } });
      expect(await LiveStreams.findOne({ _id: id }).lean()).toMatchObject({
        status: from,
        version: 0,
      });
      expect(await eventsOf(id.toHexString())).toEqual([]);
    });
  },
);
