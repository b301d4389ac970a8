import { z } from 'zod';
import { SecondPersonRequired } from '#domain/admin/approvals.ts';
import { shopById } from '#domain/sellers/shops.ts';
import { findActiveUser } from '#domain/users/users.ts';
import {
  AdjustmentTarget,
  AdjustmentView,
  approveAdjustment,
  proposeAdjustment,
} from '#domain/wallet/adjust.ts';
import { endpoint } from '#platform/endpoint.ts';
import { type Id, idOf, toId } from '#platform/id.ts';
import { MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { Conflict, InsufficientBalance, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const Proposal = z.strictObject({
  target: AdjustmentTarget,
  /** Of a person, or of a shop. */
  id: idOf<string>('target'),
  /** Minor units, coins or diamonds; taken away where below zero. */
  amount: z
    .int()
    .min(-MAX_AMOUNT_MINOR)
    .max(MAX_AMOUNT_MINOR)
    .refine((amount) => amount !== 0, 'must not be zero'),
  /** An ISO code, COIN or DIA. */
  currency: z.string().regex(/^[A-Z]{3,4}$/),
  reason: z.string().trim().min(1).max(500),
});
const Decision = z.strictObject({ approvalId: idOf('approval') });

export default endpoint({
  summary: 'Put an account right: one member of staff proposes it, another approves it.',
  method: 'POST',
  path: '/api/admin/wallet/adjustments',
  access: 'staff:money.adjust',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  body: z.union([Proposal, Decision]),
  status: 201,
  output: z.object({ adjustment: AdjustmentView }),
  problems: [Conflict, InsufficientBalance, NotFound, SecondPersonRequired],

  handler: async ({ actor, body, request, now }) => {
    const staff = { actor, request };
    if ('approvalId' in body)
      return { adjustment: await approveAdjustment(body.approvalId, staff, now) };
    const { amount: amountMinor, reason, ...wish } = body;
    const person = await personBehind(wish);
    const adjustment = { ...wish, person, amountMinor };
    return { adjustment: await proposeAdjustment(adjustment, reason, staff, now) };
  },
});

async function personBehind({
  target,
  id,
}: Pick<z.infer<typeof Proposal>, 'target' | 'id'>): Promise<Id<'user'>> {
  const asked = toId<'user'>(id.toHexString());
  const found =
    target === 'shop'
      ? (await shopById(toId(id.toHexString())))?.owner
      : (await findActiveUser(asked))?._id;
  if (!found) throw new NotFound();
  return found;
}
