import { z } from 'zod';
import { audit } from '#domain/orders/audit.ts';
import { auditState } from '#domain/wallet/audit.ts';
import { Proof } from '#domain/wallet/proof.ts';
import { after, seconds } from '#platform/clock.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

const TIMEOUT_SECONDS = 300;

export default endpoint({
  summary: 'Show the latest proofs of the ledger; with run=1 prove it now.',
  method: 'GET',
  path: '/api/admin/ledger/audit',
  access: 'staff:money.read',
  rateLimit: perActor(30, 'minute'),
  query: z.object({ run: z.enum(['0', '1']).default('0') }),
  output: z.object({
    /** The latest, or the one just made. Null while there has been none. */
    proof: Proof.nullable(),
    /** The latest fifty, newest first. */
    proofs: z.array(Proof),
    /** Payouts wait until somebody has looked. */
    frozen: z.boolean(),
  }),
  resources: { memoryMb: 512, timeoutSeconds: TIMEOUT_SECONDS },

  handler: async ({ query, now }) => {
    const made =
      query.run === '1' ? await audit(now, after(now, seconds(TIMEOUT_SECONDS - 30))) : undefined;
    const { proofs, frozen } = await auditState();
    return { proof: made ?? proofs[0] ?? null, proofs, frozen };
  },
});
