import type { Request, Response } from '@google-cloud/functions-framework';
import { z } from 'zod';
import { clock } from './clock.ts';
import type { AnyConsumer } from './consumer.ts';
import { connect, transaction } from './database.ts';
import { ANY_TYPE } from './event.ts';
import { problemFor } from './failure.ts';
import { type IncomingRequest, parseJson, sendJson, sendProblem, traceIds } from './http.ts';
import { claimEvent } from './idempotency.ts';
import { inCall, log } from './log.ts';
import { ValidationFailed } from './problem.ts';

/** What Pub/Sub pushes. */
const Push = z.looseObject({
  message: z.looseObject({
    data: z.string(),
    attributes: z.record(z.string(), z.string()).default({}),
    messageId: z.string(),
  }),
  subscription: z.string(),
  deliveryAttempt: z.int().optional(),
});

const EnvelopeShape = z.looseObject({
  id: z.string(),
  type: z.string(),
  occurredAt: z.string(),
  data: z.record(z.string(), z.unknown()),
  trace: z.string().optional(),
});

export interface Pushed<Body> {
  readonly body: Body;
  readonly attributes: Readonly<Record<string, string>>;
  readonly subscription: string;
  readonly attempt: number;
}

/** The message inside a push. Throws `ValidationFailed` on anything else. */
export function parsePush<Body>(req: IncomingRequest, shape: z.ZodType<Body>): Pushed<Body> {
  const push = Push.safeParse(parseJson(req));
  if (!push.success) throw new ValidationFailed({ details: ['not a Pub/Sub push'] });
  const { message, subscription, deliveryAttempt } = push.data;
  const text = Buffer.from(message.data, 'base64').toString('utf8');
  const body = shape.safeParse(parsedOrUndefined(text));
  if (!body.success) throw new ValidationFailed({ details: ['not one of our messages'] });
  return {
    body: body.data,
    attributes: message.attributes,
    subscription,
    attempt: deliveryAttempt ?? 1,
  };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The HTTP handler of one consumer. Any answer but 2xx makes Pub/Sub deliver the event again, and
 * after the declared attempts hand it to the dead-letter topic.
 */
export function serveConsumer(name: string, definition: AnyConsumer) {
  const byType = new Map(definition.on.map((event) => [event.type, event]));

  return async (req: Request, res: Response): Promise<void> => {
    const ids = traceIds(req);
    await inCall({ ...ids, function: name }, async () => {
      try {
        const { body, attempt, attributes } = parsePush(req, EnvelopeShape);
        const event = byType.get(body.type) ?? byType.get(ANY_TYPE);
        if (event)
          await deliver(name, definition, {
            type: body.type,
            data: event.data.parse(body.data),
            eventId: body.id,
            occurredAt: new Date(body.occurredAt),
            attempt,
            attributes,
            now: clock.now(),
            log,
          });
        sendJson(res, 200, {});
      } catch (error) {
        log.error('event not consumed', { error });
        sendProblem(res, problemFor(error), ids.requestId);
      }
    });
  };
}

async function deliver(
  name: string,
  { effect, handler }: AnyConsumer,
  delivery: { readonly eventId: string; readonly now: Date; readonly [fact: string]: unknown },
): Promise<void> {
  await connect();
  if (effect === 'outside') return handler(delivery as never);
  await transaction(async () => {
    if (await claimEvent(name, delivery.eventId, delivery.now)) await handler(delivery as never);
  });
}
