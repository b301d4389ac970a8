import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PARCEL_NEWS, type ParcelStatus } from '#domain/orders/shipment.model.ts';
import { furthest, merged } from '#domain/orders/track-shipment.ts';

const news = fc.record({
  status: fc.constantFrom(...PARCEL_NEWS),
  at: fc.integer({ min: 0, max: 50 }).map((hour) => new Date(hour * 3_600_000)),
});
type News = typeof news extends fc.Arbitrary<infer One> ? One : never;

const told = (all: readonly News[]) =>
  all.reduce<{ status: ParcelStatus; events: readonly News[] }>(
    ({ status, events }, one) => ({
      status: furthest(status, one.status),
      events: merged(events, one),
    }),
    { status: 'registered', events: [] },
  );

test('a parcel is the same whatever order its news comes in, and however often', () => {
  fc.assert(
    fc.property(
      fc
        .array(news, { maxLength: 12 })
        .chain((all) =>
          fc.tuple(
            fc.constant(all),
            fc.shuffledSubarray([...all, ...all], { minLength: all.length * 2 }),
          ),
        ),
      ([inOrder, shuffled]) => {
        expect(told(shuffled)).toEqual(told(inOrder));
      },
    ),
  );
});

test('what was delivered is never on its way again, but may come back', () => {
  expect(furthest('delivered', 'in_transit')).toBe('delivered');
  expect(furthest('delivered', 'exception')).toBe('delivered');
  expect(furthest('delivered', 'returned_to_sender')).toBe('returned_to_sender');
  expect(furthest('returned_to_sender', 'delivered')).toBe('returned_to_sender');
});
