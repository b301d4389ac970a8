import type { Request, Response } from '@google-cloud/functions-framework';
import { z } from 'zod';
import { clock } from './clock.ts';
import { config } from './config.ts';
import { connect } from './database.ts';
import { problemFor } from './failure.ts';
import { parseJson, sendJson, sendProblem, traceIds } from './http.ts';
import { inCall, log } from './log.ts';
import { ValidationFailed } from './problem.ts';
import type { AnyTrigger } from './trigger.ts';

const FINALIZED = 'google.cloud.storage.object.v1.finalized';

const ObjectData = z.looseObject({
  bucket: z.string(),
  name: z.string(),
  generation: z.coerce.string(),
  size: z.coerce.number(),
  contentType: z.string().default('application/octet-stream'),
});

/** The HTTP handler of one storage trigger, called with a binary CloudEvent. */
export function serveTrigger(name: string, definition: AnyTrigger) {
  return async (req: Request, res: Response): Promise<void> => {
    const ids = traceIds(req);
    await inCall({ ...ids, function: name }, async () => {
      try {
        const eventId = req.get('ce-id');
        if (!eventId || req.get('ce-type') !== FINALIZED)
          throw new ValidationFailed({ details: ['not a storage event'] });
        const object = ObjectData.safeParse(parseJson(req));
        if (!object.success) throw new ValidationFailed({ details: ['not a stored object'] });
        const { bucket, generation, size: bytes, contentType } = object.data;
        if (bucket === config()[definition.bucket]) {
          await connect();
          const stored = { bucket, name: object.data.name, generation, bytes, contentType };
          await definition.handler({ ...stored, eventId, now: clock.now(), log });
        }
        sendJson(res, 200, {});
      } catch (error) {
        log.error('object not dealt with', { error });
        sendProblem(res, problemFor(error), ids.requestId);
      }
    });
  };
}
