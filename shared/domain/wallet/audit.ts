import { changeSetting, setting } from '#domain/system/settings.ts';
import { asAuditor } from '#platform/auditor.ts';
import { log } from '#platform/log.ts';
import { proveBalances } from './balances.ts';
import { proveCheckpoints } from './checkpoints.ts';
import { proveHistory } from './history.ts';
import { historyBoundary } from './history-boundary.ts';
import { type Finding, MOST_DIFFERENCES, type Proof } from './proof.ts';
import { provePayouts } from './prove-payouts.ts';
import { BEGINNING, Digest, latestProofs, readSeals, seal } from './seals.ts';
import { holdPending } from './send-payout.ts';

interface Audit {
  readonly now: Date;
  readonly deadline: Date;
  /** What another room proves about money of its own. */
  readonly payments: () => Promise<Finding>;
  readonly orders?: () => Promise<Finding>;
  readonly sealAfterMs?: number | undefined;
}

/** Proves the books, seals what has become history, and freezes payouts when anything differs. */
export async function auditLedger(audit: Audit): Promise<Proof> {
  const { now } = audit;
  const { seals, segment, proof } = await asAuditor(() => prove(audit));
  await seal(seals, segment, proof, now);
  if (!proof.balanced) await freeze(proof, now);
  return proof;
}

const NOTHING: Finding = { differences: [], read: 0, complete: true };

/** Only reads. */
async function prove({ now, deadline, payments, orders, sealAfterMs }: Audit) {
  const seals = await readSeals();
  const history = await proveHistory({ seals, boundary: historyBoundary(sealAfterMs), deadline });
  const wallets = await proveBalances(deadline);
  const checkpoints = await proveCheckpoints(deadline);
  const paidOut = await provePayouts(deadline);
  const paidIn = await payments();
  const ordered = (await orders?.()) ?? NOTHING;
  const findings = [history, wallets, checkpoints, paidOut, paidIn, ordered];
  const differences = findings.flatMap((finding) => finding.differences);
  const proof: Proof = {
    balanced: differences.length === 0,
    complete: findings.every((finding) => finding.complete),
    at: now.toISOString(),
    entries: history.read,
    journals: history.journals,
    wallets: wallets.read,
    payments: paidIn.read,
    payouts: paidOut.read,
    orders: ordered.read,
    differences: differences.slice(0, MOST_DIFFERENCES),
  };
  // What is not as it was sealed is not sealed again: it stays wrong until somebody repairs it.
  const nothing = {
    upTo: seals.segments.at(-1)?.upTo ?? BEGINNING,
    entries: 0,
    digest: new Digest().close(),
  };
  return { seals, proof, segment: history.segment ?? nothing };
}

async function freeze({ differences }: Proof, now: Date): Promise<void> {
  log.error('ledger not balanced', { differences: differences.length, first: differences[0] });
  await changeSetting('payouts.frozen', true);
  await holdPending(now);
}

const KEPT_PROOFS = 50;

export interface AuditState {
  readonly proofs: Proof[];
  /** Payouts wait until somebody has looked. */
  readonly frozen: boolean;
}

/** The latest proofs, newest first, and whether payouts are frozen. */
export const auditState = async (): Promise<AuditState> => ({
  proofs: await latestProofs(KEPT_PROOFS),
  frozen: await setting('payouts.frozen'),
});
