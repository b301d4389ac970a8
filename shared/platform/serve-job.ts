import type { Request, Response } from '@google-cloud/functions-framework';
import { z } from 'zod';
import { after, clock, seconds } from './clock.ts';
import { connect } from './database.ts';
import { problemFor } from './failure.ts';
import { sendJson, sendProblem, traceIds } from './http.ts';
import { type AnyJob, DEFAULT_JOB_SECONDS } from './job.ts';
import { inCall, log } from './log.ts';
import { parsePush } from './serve-consumer.ts';

/** A job stops early enough to say how far it came. */
const MARGIN_SECONDS = 10;

const Tick = z.looseObject({ job: z.string() });

/** The HTTP handler of one job, called by the scheduler's message on the `jobs` topic. */
export function serveJob(name: string, definition: AnyJob) {
  return async (req: Request, res: Response): Promise<void> => {
    const ids = traceIds(req);
    await inCall({ ...ids, function: name }, async () => {
      try {
        const { body } = parsePush(req, Tick);
        if (body.job === name) {
          await connect();
          const now = clock.now();
          const lasts = (definition.timeoutSeconds ?? DEFAULT_JOB_SECONDS) - MARGIN_SECONDS;
          await definition.handler({ now, deadline: after(now, seconds(lasts)), log });
        }
        sendJson(res, 200, {});
      } catch (error) {
        log.error('job failed', { error });
        sendProblem(res, problemFor(error), ids.requestId);
      }
    });
  };
}
