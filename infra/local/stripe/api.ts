import { createHash } from 'node:crypto';
import * as cards from './cards.ts';
import * as charges from './charges.ts';
import type { Desk } from './desk.ts';
import { Failure, invalid, missing } from './failure.ts';
import { type Form, flag, text } from './form.ts';
import * as intents from './intents.ts';
import * as money from './money.ts';
import type { Store, Thing } from './store.ts';

export interface Call {
  readonly method: string;
  /** The parts of the path after the version. */
  readonly path: readonly string[];
  readonly form: Form;
  readonly idempotencyKey: string | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly replayed?: true;
}

/** What can be listed and read by id, by the name in the address. */
const KINDS: Readonly<Record<string, { kind: string; filters: readonly string[] }>> = {
  payment_intents: { kind: 'payment_intent', filters: ['customer'] },
  charges: { kind: 'charge', filters: ['payment_intent', 'customer'] },
  refunds: { kind: 'refund', filters: ['payment_intent', 'charge'] },
  disputes: { kind: 'dispute', filters: ['payment_intent', 'charge'] },
  transfers: { kind: 'transfer', filters: ['destination', 'transfer_group'] },
  payouts: { kind: 'payout', filters: ['destination', 'status'] },
  customers: { kind: 'customer', filters: ['email'] },
  payment_methods: { kind: 'payment_method', filters: ['customer', 'type'] },
  balance_transactions: { kind: 'balance_transaction', filters: ['source', 'type', 'currency'] },
  events: { kind: 'event', filters: ['type'] },
};

type Operation = (desk: Desk, form: Form, id: string) => object;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET balance': (desk) => money.balance(desk),
  'POST payment_intents': intents.createIntent,
  'POST payment_intents/*': (desk, form, id) => intents.updateIntent(desk, id, form),
  'POST payment_intents/*/confirm': (desk, form, id) => intents.confirmIntent(desk, id, form),
  'POST payment_intents/*/capture': (desk, form, id) => intents.captureIntent(desk, id, form),
  'POST payment_intents/*/cancel': (desk, form, id) => intents.cancelIntent(desk, id, form),
  'POST refunds': money.createRefund,
  'POST refunds/*': (desk, form, id) => money.updateRefund(desk, id, form),
  'POST payouts': money.createPayout,
  'POST payouts/*/cancel': (desk, _form, id) => money.cancelPayout(desk, id),
  'POST transfers': money.createTransfer,
  'POST disputes/*': (desk, form, id) => charges.updateDispute(desk, id, flag(form, 'submit')),
  'POST disputes/*/close': (desk, _form, id) => charges.closeDispute(desk, id, 'lost'),
  'POST customers': cards.createCustomer,
  'POST customers/*': (desk, form, id) => cards.updateCustomer(desk, id, form),
  'POST payment_methods': cards.createPaymentMethod,
  'POST payment_methods/*/attach': (desk, form, id) => cards.attachPaymentMethod(desk, id, form),
  'POST payment_methods/*/detach': (desk, _form, id) => cards.detachPaymentMethod(desk, id),
};

/** Answers one call as one transaction: what it did, what it announced and its answer are kept together. */
export function answer(store: Store, desk: Desk, call: Call): Reply {
  return store.transaction(() => {
    const account = desk.account.key;
    const { idempotencyKey, method } = call;
    if (method !== 'POST' || !idempotencyKey) return perform(desk, call);
    if (idempotencyKey.length > 255)
      throw invalid('Keys for idempotent requests can only be up to 255 characters');
    const fingerprint = fingerprintOf(call);
    const earlier = store.answer(account, idempotencyKey);
    if (earlier) return replay(earlier, fingerprint);
    const reply = perform(desk, call);
    store.keepAnswer(account, idempotencyKey, { fingerprint, ...reply });
    return reply;
  });
}

function replay(
  earlier: { fingerprint: string; status: number; body: string },
  fingerprint: string,
): Reply {
  if (earlier.fingerprint === fingerprint)
    return { status: earlier.status, body: earlier.body, replayed: true };
  throw new Failure(400, {
    type: 'idempotency_error',
    message:
      'Keys for idempotent requests can only be used with the same parameters they were first used with.',
  });
}

const fingerprintOf = ({ method, path, form }: Call): string =>
  createHash('sha256')
    .update(JSON.stringify([method, path, form]))
    .digest('hex');

/** A refused card is an outcome that is kept; any other failure leaves nothing behind. */
function perform(desk: Desk, call: Call): Reply {
  try {
    const result = expand(desk, operate(desk, call), call.form);
    return { status: 200, body: JSON.stringify(result, null, 2) };
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 402) throw error;
    return { status: 402, body: JSON.stringify({ error: error.fields }, null, 2) };
  }
}

function operate(desk: Desk, { method, path, form }: Call): object {
  const [root = '', id = '', verb] = path;
  const route = `${method} ${root}${path.length > 1 ? '/*' : ''}${verb ? `/${verb}` : ''}`;
  const operation = path.length <= 3 && Object.hasOwn(OPERATIONS, route) && OPERATIONS[route];
  if (operation) return operation(desk, form, id);
  const listed = method === 'GET' && Object.hasOwn(KINDS, root) && path.length <= 2 && KINDS[root];
  if (!listed)
    throw new Failure(404, {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${method}: /v1/${path.join('/')}).`,
    });
  if (path.length === 1) return list(desk, root, listed, form);
  if (id === 'search') return search(desk, root, listed.kind, form);
  return desk.get(listed.kind, id, listed.kind === 'payment_intent' ? 'intent' : 'id');
}

function list(
  desk: Desk,
  root: string,
  { kind, filters }: { kind: string; filters: readonly string[] },
  form: Form,
): object {
  const limit = Number(text(form, 'limit') ?? 10);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw invalid('This value must be between 1 and 100.', 'parameter_invalid_integer', 'limit');
  const after = text(form, 'starting_after');
  const before = text(form, 'ending_before');
  const anchor = after ?? before;
  if (anchor && !desk.store.find(desk.account.key, anchor))
    throw missing(kind, anchor, after ? 'starting_after' : 'ending_before');
  const given = filters.flatMap((name) => {
    const value = text(form, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const where = Object.fromEntries(given);
  const { things, hasMore } = desk.store.list(desk.account.key, kind, {
    where,
    after,
    before,
    limit,
  });
  return { object: 'list', data: things, has_more: hasMore, url: `/v1/${root}` };
}

const BY_METADATA = /^metadata\['(\w+)'\]:'([^']*)'$/;

/** Of the query language, only what finds a thing by one of its metadata. */
function search(desk: Desk, root: string, kind: string, form: Form): object {
  const [, name, value] = BY_METADATA.exec(text(form, 'query') ?? '') ?? [];
  if (!name || value === undefined) throw invalid('We were unable to parse your search query.');
  const limit = Number(text(form, 'limit') ?? 10);
  const where = { [`metadata.${name}`]: value };
  const { things, hasMore } = desk.store.list(desk.account.key, kind, { where, limit });
  return { object: 'search_result', data: things, has_more: hasMore, url: `/v1/${root}/search` };
}

/** Puts whole things in the place of the ids that the caller named. */
function expand(desk: Desk, result: object, form: Form): object {
  const paths = form['expand'];
  if (!Array.isArray(paths)) return result;
  const copy = structuredClone(result) as Record<string, unknown>;
  for (const path of paths)
    if (typeof path === 'string') expandOne(desk, copy, path.split('.'), path);
  return copy;
}

function expandOne(
  desk: Desk,
  place: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  whole: string,
): void {
  if (!Object.hasOwn(place, name) || rest.length > 4)
    throw invalid(`This property cannot be expanded (${whole}).`, undefined, 'expand');
  const value = place[name];
  const found: Thing | undefined =
    typeof value === 'string' ? desk.store.find(desk.account.key, value) : undefined;
  if (found) place[name] = found;
  if (rest.length === 0) return;
  for (const next of [place[name]].flat())
    if (typeof next === 'object' && next !== null)
      expandOne(desk, next as Record<string, unknown>, rest, whole);
}
