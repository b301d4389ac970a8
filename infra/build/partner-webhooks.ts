import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ORDER_EVENT_OF } from '#domain/orders/order-events.ts';
import { REFUND_EVENT_OF } from '#domain/orders/refund-events.ts';
import { RETURN_EVENT_OF } from '#domain/orders/return-events.ts';
import { PARTNER_EVENTS, type WebhookEvent } from '#domain/webhooks/partner-events.ts';

type Json = Readonly<Record<string, unknown>>;

/** What each of them says, for those who write the other side. */
const MEANING_OF: Readonly<Record<WebhookEvent, string>> = {
  'order.created': 'Somebody has ordered, and has yet to pay.',
  'order.paid': 'It is paid for, and the stock is the buyer’s; they can still cancel freely.',
  'order.confirmed': 'It is to be shipped.',
  'order.partially_shipped': 'Some of it is on its way.',
  'order.shipped': 'All of it is on its way.',
  'order.delivered': 'All of it has arrived.',
  'order.completed': 'The time to complain is over; its money can be paid out.',
  'order.cancelled': 'It will not be shipped; what was paid goes back.',
  'order.updated': 'Its parcels, lines or address have changed, or somebody asks for something.',
  'shipment.delivered': 'A parcel has arrived: at the buyer, or as a return at the seller.',
  'return.requested': 'A buyer wants to send something back, or their money.',
  'return.approved': 'It may be sent back.',
  'return.rejected': 'The seller has refused; the buyer may ask staff to decide.',
  'return.escalated': 'Staff decides.',
  'return.shipped': 'The buyer has sent it; its carrier has not said so yet.',
  'return.in_transit': 'Its carrier has it.',
  'return.received': 'It is back at the seller, who is to look at it.',
  'return.resolved': 'It is decided and over.',
  'return.withdrawn': 'The buyer has taken the request back.',
  'return.expired': 'It was not sent in time.',
  'return.updated': 'An offer was made, or something was said.',
  'refund.requested': 'Money is to go back to a buyer.',
  'refund.succeeded': 'It is back, and the books say so.',
  'refund.failed': 'The provider refused; it is tried again, or by hand where it is `manual`.',
  'refund.cancelled': 'Nothing is sent.',
  'refund.returned': 'The buyer’s bank sent it back; it is in their wallet.',
  'product.created': 'A listing was begun.',
  'product.updated': 'A listing or its variants changed: on sale while it is `active`.',
  'product.archived': 'A listing is gone for good.',
  'price.changed': 'The lowest price of a product changed.',
  'stock.changed': 'How much of a variant can be bought changed; read the product for how much.',
  'stock.low': 'Little or nothing is left of a variant; once, until there is enough again.',
  'review.created': 'A buyer has reviewed a product.',
  'review.updated': 'Its author edited a review, the seller answered it, or a reader marked it.',
  'coupon.updated': 'A coupon of the shop was made, changed or stopped.',
  'affiliate.updated': 'A commission is offered, changed, or at 0 offered no more.',
  'affiliate.joined': 'A creator promotes a product.',
  'shop.updated': 'The shop was opened, changed, paused or closed.',
  'seller.submitted': 'The seller has handed in papers.',
  'seller.verified': 'The seller may sell.',
  'seller.rejected': 'The seller was refused.',
  'seller.needs_info': 'Something is missing from the seller’s papers.',
  'seller.expired': 'The seller’s papers are no longer good; the shop is closed until they are.',
  'seller.suspended': 'The shop is closed until staff opens it again.',
  'seller.revoked': 'The shop is closed for good.',
  'payout.requested': 'Money of the shop is to be paid out.',
  'payout.held': 'Somebody looks at it first.',
  'payout.approved': 'It will be sent.',
  'payout.paid': 'It was sent to the bank.',
  'payout.failed': 'It did not arrive; the money is available again.',
  'payout.returned': 'It had arrived, and the bank sent it back; the money is available again.',
  'payout.cancelled': 'It will not be sent; the money is available again.',
};

/** The state that an event is about, where there is one for each. */
const STATE_OF: ReadonlyMap<string, string> = new Map(
  [ORDER_EVENT_OF, RETURN_EVENT_OF, REFUND_EVENT_OF]
    .flatMap((events) => Object.entries(events))
    .reverse()
    .map(([status, { type }]) => [type, status]),
);

interface Field {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
}

const AMOUNTS: Readonly<Record<string, number>> = {
  rating: 5,
  fromMinor: 1200,
  previousRateBps: 0,
};

const someId = (name: string): string =>
  createHash('sha256').update(name).digest('hex').slice(0, 24);

function exampleOf(type: string, name: string, field: Field): unknown {
  if (name === 'status')
    return STATE_OF.get(type) ?? field.enum?.find((state) => state === 'active') ?? field.enum?.[1];
  if (name === 'payeeType') return 'shop';
  if (name === 'payeeId') return someId('shopId');
  if (field.enum) return field.enum[0];
  if (field.pattern) return someId(name);
  if (field.type === 'integer') return AMOUNTS[name] ?? 1000;
  return 'USD';
}

interface PartnerWebhook {
  readonly type: WebhookEvent;
  readonly meaning: string;
  /** What is posted, to the last field. */
  readonly schema: Json;
  readonly example: {
    readonly id: string;
    readonly type: WebhookEvent;
    readonly createdAt: string;
    readonly data: Json;
  };
}

/** Every event that partners can ask for, with what is posted to them. */
export const partnerWebhooks = (): PartnerWebhook[] =>
  Object.values(PARTNER_EVENTS).flatMap((events) =>
    events.map(({ type, data }) => {
      const { $schema: _, ...facts } = z.toJSONSchema(data, { io: 'input' });
      const { properties = {}, required = [] } = facts;
      const told = Object.entries(properties as Readonly<Record<string, Field>>).filter(
        ([name]) => required.includes(name) || name === 'shopId',
      );
      const fields = told.map(([name, field]) => [name, exampleOf(type, name, field)]);
      return {
        type,
        meaning: MEANING_OF[type],
        schema: {
          type: 'object',
          properties: {
            id: { type: 'string', description: 'The same whenever this event is sent again.' },
            type: { type: 'string', const: type },
            createdAt: { type: 'string', format: 'date-time' },
            data: { ...facts, additionalProperties: false },
          },
          required: ['id', 'type', 'createdAt', 'data'],
          additionalProperties: false,
        },
        example: {
          id: someId('id'),
          type,
          createdAt: '2026-07-01T12:00:00.000Z',
          data: Object.fromEntries(fields),
        },
      };
    }),
  );

const header = (name: string, description: string) => ({
  ...{ name, in: 'header', required: true, description },
  schema: { type: 'string' },
});

/** The headers of every webhook, as components of the API document. */
export const WEBHOOK_HEADERS = [
  header('webhook-id', 'The `id` of the event: keep it, and pass over what you have seen.'),
  header('webhook-timestamp', 'Seconds since 1970 of this attempt.'),
  header(
    'webhook-signature',
    'As standardwebhooks.com says; two, separated by a space, in the day after a rotation.',
  ),
];

/** The part of the API document that says what is posted to partners. */
export const webhookOperations = (): Json =>
  Object.fromEntries(
    partnerWebhooks().map(({ type, meaning, schema, example }) => [
      type,
      {
        post: {
          operationId: `webhook:${type}`,
          tags: ['webhooks'],
          summary: meaning,
          parameters: WEBHOOK_HEADERS.map(({ name }) => ({
            $ref: `#/components/parameters/${name}`,
          })),
          requestBody: { required: true, content: { 'application/json': { schema, example } } },
          responses: { '2XX': { description: 'Taken. Any other answer has it sent again.' } },
        },
      },
    ]),
  );

/** The same as a page to read. */
export function webhooksPage(): string {
  const sections = partnerWebhooks().map(
    ({ type, meaning, example }) =>
      `### ${type}\n\n${meaning}\n\n\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\`\n`,
  );
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const INTRODUCTION = `<!-- Made by \`npm run generate\` from shared/domain/webhooks/partner-events.ts. -->

# Webhooks

A seller names an https address at \`POST /api/webhooks\` and the types of events it is to hear of. It is
asked once to repeat a challenge: answer \`{ "type": "webhook.challenge", "challenge": "…" }\` with 2xx and
the word in the body. From then on every such event of that shop, and of no other, is posted to it.

- Verify before you believe: \`new Webhook(secret).verify(body, headers)\` of a
  [standardwebhooks.com](https://www.standardwebhooks.com) library, over the bytes as they came.
- Answer 2xx within ten seconds and do your work afterwards. Redirects are not followed.
- What is not answered 2xx is sent again after 1, 5 and 15 minutes, and 1, 3, 6 and 12 hours. An address that
  has failed for three days is disabled; \`PUT /api/webhooks/:id\` wakes it.
- An event comes at least once and in no particular order. \`webhook-id\` tells what you have seen; the API
  tells how things stand, so read it rather than count on the order.
- \`GET /api/webhooks\` lists what was sent for 30 days, and \`POST /api/webhooks/:id/redeliver\` sends one of
  them, or those of a period, again.
- Payloads hold ids and states. Amounts are whole minor units.

## Events
`;
