import { missing } from './failure.ts';
import { type Account, newId, type Store, type Thing } from './store.ts';

export const API_VERSION = '2026-10-28.endive';

/** One account's side of one call: what it reads, changes and announces, in one transaction. */
export class Desk {
  readonly store: Store;
  readonly account: Account;
  readonly now: number;
  /** Where this stand-in listens, for links that people follow. */
  readonly origin: string;
  readonly #request: { id: string | null; idempotency_key: string | null };

  constructor(
    store: Store,
    account: Account,
    origin: string,
    request = { id: null as string | null, idempotency_key: null as string | null },
  ) {
    this.store = store;
    this.account = account;
    this.now = Date.now();
    this.origin = origin;
    this.#request = request;
  }

  get seconds(): number {
    return Math.floor(this.now / 1000);
  }

  /** The thing of this kind, or 404 as the vendor words it. */
  get<Kind extends Thing>(kind: Kind['object'], id: string, param?: string): Kind {
    const found = this.store.find(this.account.key, id);
    if (found?.object !== kind) throw missing(kind, id, param);
    return found as Kind;
  }

  save<Kind extends Thing>(thing: Kind): Kind {
    this.store.save(this.account.key, thing);
    return thing;
  }

  /** Records an event and queues its delivery. */
  emit(type: string, thing: Thing, previous?: Readonly<Record<string, unknown>>): void {
    const event = {
      id: newId('evt'),
      object: 'event',
      api_version: API_VERSION,
      created: this.seconds,
      data: { object: thing, ...(previous ? { previous_attributes: previous } : {}) },
      livemode: false,
      pending_webhooks: 1,
      request: this.#request,
      type,
    };
    this.save(event);
    const { key, mode } = this.account;
    const body = JSON.stringify(event, null, 2);
    const copies = mode === 'twice' ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.store.addDelivery(key, event.id, body, mode === 'hold', this.now);
  }

  /** Lets something happen a little later, also if the process ends in between. */
  later(milliseconds: number, name: string, target: Thing): void {
    this.store.addTask(this.account.key, name, target.id, this.now + milliseconds);
  }

  /** Moves money in or out of the account's balance and returns the entry's id. */
  book(type: string, source: Thing, currency: string, net: number): string {
    const id = newId('txn');
    this.save({
      id,
      object: 'balance_transaction',
      amount: net,
      available_on: this.seconds,
      created: this.seconds,
      currency,
      description: null,
      exchange_rate: null,
      fee: 0,
      fee_details: [],
      net,
      reporting_category: type,
      source: source.id,
      status: 'available',
      type,
    });
    return id;
  }
}
