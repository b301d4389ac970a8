/** The switches of a world's payment provider: see infra/local/stripe/README.md. */
import { eventually } from './eventually.ts';
import type { World } from './world.ts';

export const webhooks = (world: World, mode: 'deliver' | 'hold' | 'twice') =>
  world.payments('POST', 'webhooks', { mode });

/** Calls fail before, or after, they did what they were asked. */
export const outage = (world: World, mode: 'none' | 'before' | 'after') =>
  world.payments('POST', 'outage', { mode });

/** The provider answers, and tells what happens. */
export async function calm(world: World): Promise<void> {
  await outage(world, 'none');
  await webhooks(world, 'deliver');
}

/** The buyer says yes on their own device. */
export const authenticate = (world: World, providerRef: string) =>
  world.payments('POST', `payment_intents/${providerRef}/authenticate`, { succeed: true });

/** The bank says yes to a payment by `pm_card_processing`. */
export const settlePayment = (world: World, providerRef: string) =>
  world.payments('POST', `payment_intents/${providerRef}/settle`);

export interface Notice {
  readonly type: string;
  readonly state: string;
}

/** The notices of the provider so far, oldest first. */
export async function notices(): Promise<readonly Notice[]> {
  const response = await fetch(`${process.env['STRIPE_API_BASE']}/_local/webhooks`, {
    headers: { authorization: `Bearer ${process.env['STRIPE_SECRET_KEY']}` },
  });
  return ((await response.json()) as { readonly deliveries: readonly Notice[] }).deliveries;
}

/** Delivers what was held back, and waits until all of it has been taken and dealt with. */
export async function deliverAll(world: World): Promise<void> {
  await handOver(world);
  await world.settle();
}

async function handOver(world: World): Promise<void> {
  await webhooks(world, 'deliver');
  await world.payments('POST', 'webhooks/flush');
  await eventually(notices, (all) => all.every(({ state }) => state !== 'due'));
}

/** Gives a world without background an account at the provider, whose notices are kept until they are asked for. */
export async function openAccount(world: World): Promise<void> {
  await world.payments('PUT', `accounts/${process.env['STRIPE_SECRET_KEY']}`, {
    webhookUrl: `${world.url}/api/payments/webhooks/stripe`,
    webhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
  });
  await webhooks(world, 'hold');
}

/** Delivers what was kept, once there have been so many notices of each of these kinds. */
export async function noticesOf(
  world: World,
  wanted: Readonly<Record<string, number>>,
): Promise<void> {
  await eventually(notices, (all) =>
    Object.entries(wanted).every(
      ([kind, count]) => all.filter(({ type }) => type === kind).length >= count,
    ),
  );
  await handOver(world);
  await webhooks(world, 'hold');
}
