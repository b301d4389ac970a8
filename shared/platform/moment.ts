import { z } from 'zod';

/** A moment as it arrives: ISO 8601 with its distance from UTC. */
export const Moment = z.iso.datetime({ offset: true }).pipe(z.coerce.date());

/** A moment, or a day, which stands for its beginning in UTC. */
export const MomentOrDay = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .pipe(z.coerce.date());
