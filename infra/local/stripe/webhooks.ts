import { createHmac } from 'node:crypto';
import { type Charge, openDispute } from './charges.ts';
import { settleLater } from './confirm.ts';
import { Desk } from './desk.ts';
import { finishPayout, finishRefund } from './money.ts';
import type { Delivery, Store, Task } from './store.ts';

const ATTEMPTS = 40;
const TIMEOUT_MS = 10_000;
const MOST_AT_ONCE = 8;
const NO_ADDRESS = 'no address';

/** Does what is due: settles what was on its way, and calls the product back until it answers well. */
export class Clockwork {
  readonly #store: Store;
  readonly #origin: string;
  readonly #calling = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(store: Store, origin: string) {
    this.#store = store;
    this.#origin = origin;
  }

  /** To be called whenever something may have become due. */
  wake(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const next = this.#store.nextDue();
    if (next === undefined) return;
    const idle = this.#calling.size > 0 ? 20 : 0; // What is under way may still look due.
    this.#timer = setTimeout(
      () => this.#turn(),
      Math.min(Math.max(next - Date.now(), idle), 60_000),
    );
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #turn(): void {
    const now = Date.now();
    for (const task of this.#store.dueTasks(now)) this.#perform(task);
    for (const delivery of this.#store.dueDeliveries(now)) {
      if (this.#calling.size >= MOST_AT_ONCE) break;
      if (!this.#calling.has(delivery.number)) void this.#call(delivery);
    }
    this.wake();
  }

  #perform({ number, account: key, name, target }: Task): void {
    const account = this.#store.account(key);
    this.#store.transaction(() => {
      this.#store.dropTask(number);
      if (!account) return;
      const desk = new Desk(this.#store, account, this.#origin);
      if (name === 'settle') settleLater(desk, target);
      if (name === 'finishRefund') finishRefund(desk, target, true);
      if (name === 'failRefund') finishRefund(desk, target, false);
      if (name === 'finishPayout') finishPayout(desk, target);
      if (name === 'dispute') {
        const charge = desk.get<Charge>('charge', target);
        openDispute(desk, charge, charge.amount_captured, 'fraudulent');
      }
    });
  }

  async #call(delivery: Delivery): Promise<void> {
    const { number, attempts } = delivery;
    this.#calling.add(number);
    // Not due again while it is under way; also the first wait, if this process dies meanwhile.
    this.#store.postpone(number, Date.now() + TIMEOUT_MS + 1_000);
    const result = await this.#send(delivery);
    this.#calling.delete(number);
    if (this.#stopped) return;
    const good = /^2\d\d$/.test(result);
    const hopeless = result === NO_ADDRESS || attempts + 1 >= ATTEMPTS;
    const state = good ? 'done' : hopeless ? 'given up' : 'due';
    const wait = Math.min(250 * 2 ** Math.min(attempts, 8), 30_000);
    this.#store.noteAttempt(number, state, Date.now() + wait, result);
    this.wake();
  }

  async #send({ account: key, body }: Delivery): Promise<string> {
    const account = this.#store.account(key);
    if (!account?.webhookUrl) return NO_ADDRESS;
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', account.webhookSecret)
      .update(`${at}.${body}`)
      .digest('hex');
    try {
      const { status, body: stream } = await fetch(account.webhookUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': `t=${at},v1=${signature}`,
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await stream?.cancel();
      return String(status);
    } catch (error) {
      return error instanceof Error ? error.message : 'failed';
    }
  }
}
