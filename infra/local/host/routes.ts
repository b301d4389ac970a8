import { type Functions, kebab } from '#build/discover.ts';
import { DEFAULT_MAX_ATTEMPTS } from '#platform/consumer.ts';
import { ANY_TYPE } from '#platform/event.ts';

/** One subscription of each consumer, filtered to the types it declared. */
export const deliveriesFor = ({ consumers }: Functions, url: string) =>
  consumers.map(({ name, definition }) => ({
    topic: definition.on[0].topic,
    subscription: kebab(name),
    url: `${url}/functions/${name}`,
    ...filterFor(definition.on.map(({ type }) => type)),
    maxAttempts: definition.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    deadLetterTopic: 'dead-letter',
  }));

/** A subscription without a filter hears its whole topic. */
const filterFor = (types: readonly string[]) =>
  types.includes(ANY_TYPE) ? {} : { filter: { attribute: 'type', oneOf: types } };
