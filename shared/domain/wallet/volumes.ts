import { LedgerEntries } from './ledger-entry.model.ts';

export interface Volume {
  /** The kind of event that moved it: `payment`, `transfer`, `refund`. */
  readonly what: string;
  readonly currency: string;
  /** Which step of the period, from 0. */
  readonly step: number;
  readonly minor: number;
}

/** How much value the journals of a period moved, by kind, currency and step of so many milliseconds. */
export async function volumesBetween(from: Date, to: Date, stepMs: number): Promise<Volume[]> {
  const rows = await LedgerEntries.aggregate<{
    _id: { what: string; currency: string; step: number };
    minor: number;
  }>([
    { $match: { postedAt: { $gte: from, $lt: to }, debit: { $gt: 0 } } },
    {
      $group: {
        _id: {
          what: '$event.type',
          currency: '$currency',
          step: { $floor: { $divide: [{ $subtract: ['$postedAt', from] }, stepMs] } },
        },
        minor: { $sum: '$debit' },
      },
    },
  ]);
  return rows.map(({ _id, minor }) => ({ ..._id, minor }));
}
