import { changeSetting, setting } from '#domain/system/settings.ts';
import { log } from '#platform/log.ts';
import { proveBalances } from './balances.ts';
import { proveCheckpoints } from './checkpoints.ts';
import { proveHistory } from './history.ts';
import { historyBoundary } from './history-boundary.ts';
import { type Finding, MOST_DIFFERENCES, type Proof } from './proof.ts';
import { BEGINNING, Digest, latestProofs, readSeals, seal } from './seals.ts';
import { holdPending } from './send-payout.ts';

interface Audit {
  readonly now: Date;
  readonly deadline: Date;
  /** What another room proves about money of its own. */
  readonly payments: () => Promise<Finding>;
  readonly sealAfterMs?: number | undefined;
}

/** Proves the books, seals what has become history, and freezes payouts when anything differs. */
export async function auditLedger(audit: Audit): Promise<Proof> {
  const { now, deadline, payments, sealAfterMs } = audit;
  const seals = await readSeals();
  const history = await proveHistory({ seals, boundary: historyBoundary(sealAfterMs), deadline });
  const balances = await proveBalances(deadline);
  const checkpoints = await proveCheckpoints(deadline);
  const paid = await payments();
  const findings = [history, balances, checkpoints, paid];
  const differences = findings.flatMap((finding) => finding.differences);
  const proof: Proof = {
    balanced: differences.length === 0,
    complete: findings.every((finding) => finding.complete),
    at: now.toISOString(),
    entries: history.read,
    journals: history.journals,
    wallets: balances.read,
    payments: paid.read,
    differences: differences.slice(0, MOST_DIFFERENCES),
  };
  // What is not as it was sealed is not sealed again: it stays wrong until somebody repairs it.
  const nothing = {
    upTo: seals.segments.at(-1)?.upTo ?? BEGINNING,
    entries: 0,
    digest: new Digest().close(),
  };
  await seal(seals, history.segment ?? nothing, proof, now);
  if (!proof.balanced) await freeze(proof, now);
  return proof;
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
