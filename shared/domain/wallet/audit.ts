import { changeSetting, setting } from '#domain/system/settings.ts';
import { minutes } from '#platform/clock.ts';
import { newId, toId } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { proveBalances } from './balances.ts';
import { proveHistory } from './history.ts';
import { type Finding, MOST_DIFFERENCES, type Proof } from './proof.ts';
import { BEGINNING, Digest, latestProofs, readSeals, seal } from './seals.ts';

/** How old an entry is before it is sealed: older than any transaction can become. */
const SEAL_AFTER_MS = minutes(5);

interface Audit {
  readonly now: Date;
  readonly deadline: Date;
  /** What another room proves about money of its own. */
  readonly payments: () => Promise<Finding>;
  readonly sealAfterMs?: number;
}

/** Proves the books, seals what has become history, and freezes payouts when anything differs. */
export async function auditLedger(audit: Audit): Promise<Proof> {
  const { now, deadline, payments, sealAfterMs = SEAL_AFTER_MS } = audit;
  const seals = await readSeals();
  const history = await proveHistory({ seals, boundary: idBefore(sealAfterMs), deadline });
  const balances = await proveBalances(deadline);
  const paid = await payments();
  const differences = [history, balances, paid].flatMap((finding) => finding.differences);
  const proof: Proof = {
    balanced: differences.length === 0,
    complete: history.complete && balances.complete && paid.complete,
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
  if (!proof.balanced) await freeze(proof);
  return proof;
}

async function freeze({ differences }: Proof): Promise<void> {
  log.error('ledger not balanced', { differences: differences.length, first: differences[0] });
  await changeSetting('payouts.frozen', true);
}

/** The first id of a moment that long ago, by the clock that ids are made with. */
function idBefore(milliseconds: number) {
  const made = newId().getTimestamp().getTime();
  const secondsThen = Math.floor((made - milliseconds) / 1000);
  return toId<string>(secondsThen.toString(16).padStart(8, '0') + '0'.repeat(16));
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
