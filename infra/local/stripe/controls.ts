import { z } from 'zod';
import { type Charge, closeDispute, openDispute } from './charges.ts';
import { authenticateIntent, type Intent, settleLater } from './confirm.ts';
import type { Desk } from './desk.ts';
import { Failure, invalid } from './failure.ts';
import { failPayout, topUp } from './money.ts';
import type { Account, Store } from './store.ts';

const Url = z.object({ url: z.url() });
const Registration = z.object({
  webhookUrl: z.url().optional(),
  webhookSecret: z.string().min(1).optional(),
});
const WebhookMode = z.object({ mode: z.enum(['deliver', 'hold', 'twice']) });
const OutageMode = z.object({ mode: z.enum(['none', 'before', 'after']) });
const Authentication = z.object({ succeed: z.coerce.boolean().default(true) });
const DisputeWish = z.object({
  amount: z.int().positive().optional(),
  reason: z.string().default('fraudulent'),
  outcome: z.enum(['won', 'lost']).optional(),
});
const Closing = z.object({ outcome: z.enum(['won', 'lost']) });
const Return = z.object({ code: z.string().default('account_closed') });
const TopUp = z.object({ amount: z.int().positive(), currency: z.string() });

/** Opens an account for a key, or changes where it is called back. */
export function register(store: Store, key: string, body: unknown): Account {
  if (!/^sk_test_\w{3,}$/.test(key)) throw invalid('A key looks like sk_test_name');
  const { webhookUrl, webhookSecret } = readable(Registration, body);
  const before = store.account(key);
  const account: Account = {
    key,
    webhookUrl: webhookUrl ?? before?.webhookUrl ?? '',
    webhookSecret: webhookSecret ?? before?.webhookSecret ?? '',
    mode: before?.mode ?? 'deliver',
    outage: before?.outage ?? 'none',
  };
  store.saveAccount(account);
  return account;
}

/** What people and tests can make happen that the vendor's own interface cannot. */
export function control(
  desk: Desk,
  method: string,
  path: readonly string[],
  body: unknown,
): object {
  const { store, account } = desk;
  const [root, id = '', verb] = path;
  switch (`${method} ${root}${verb ? `/*/${verb}` : id ? `/${id}` : ''}`) {
    case 'POST webhook-url':
      store.saveAccount({ ...account, webhookUrl: readable(Url, body).url });
      return { ok: true };
    case 'GET webhooks':
      return { mode: account.mode, deliveries: deliveries(desk) };
    case 'POST webhooks':
      store.saveAccount({ ...account, ...readable(WebhookMode, body) });
      return { ok: true };
    case 'POST webhooks/flush':
      return { released: store.flush(account.key, desk.now) };
    case 'POST outage':
      store.saveAccount({ ...account, outage: readable(OutageMode, body).mode });
      return { ok: true };
    case 'POST payment_intents/*/authenticate':
      return authenticateIntent(desk, id, readable(Authentication, body).succeed);
    case 'POST payment_intents/*/settle':
      settleLater(desk, id);
      return { ok: true };
    case 'POST charges/*/dispute':
      return dispute(desk, id, readable(DisputeWish, body));
    case 'POST disputes/*/close':
      return closeDispute(desk, id, readable(Closing, body).outcome);
    case 'POST payouts/*/return':
      failPayout(desk, id, readable(Return, body).code);
      return { ok: true };
    case 'POST balance': {
      const { amount, currency } = readable(TopUp, body);
      topUp(desk, { amount: String(amount), currency });
      return { ok: true };
    }
    default:
      throw new Failure(404, { message: `No such control: ${method} /_local/${path.join('/')}` });
  }
}

const deliveries = ({ store, account }: Desk) =>
  store.deliveries(account.key).map(({ eventId, body, attempts, state, lastResult }) => ({
    eventId,
    type: JSON.parse(body).type,
    attempts,
    state,
    lastResult,
  }));

/** Takes the id of a charge, or of the payment intent it belongs to. */
function dispute(desk: Desk, id: string, { amount, reason, outcome }: z.infer<typeof DisputeWish>) {
  const chargeId = id.startsWith('pi_') ? desk.get<Intent>('payment_intent', id).latest_charge : id;
  const charge = desk.get<Charge>('charge', chargeId ?? '', 'charge');
  const opened = openDispute(desk, charge, amount ?? charge.amount_captured, reason);
  return outcome ? closeDispute(desk, opened.id, outcome) : opened;
}

function readable<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [problem] = parsed.error.issues;
  throw invalid(`${problem?.path.join('.')}: ${problem?.message}`);
}

/** Where a buyer is sent to answer their bank. */
export const authenticationPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Your bank</title>
<style>body{font:16px system-ui;max-width:26rem;margin:4rem auto;text-align:center}button{font:inherit;margin:.5rem;padding:.6rem 1.2rem}</style>
<h1>Your bank asks</h1><p>Is it you who pays?</p>
<form method="post"><button name="succeed" value="true">Yes, pay</button><button name="succeed" value="">No</button></form></html>`;
