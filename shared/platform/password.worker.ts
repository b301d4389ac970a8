import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

/** Runs in a thread of its own, where only other passwords have to wait. */
export interface PasswordTask {
  readonly id: number;
  readonly password: string;
  /** Compare with this hash; else make a hash of this cost. */
  readonly against: { readonly hash: string } | { readonly cost: number };
}

export interface PasswordResult {
  readonly id: number;
  readonly result?: string | boolean;
  readonly error?: string;
}

const work = ({ password, against }: PasswordTask): string | boolean =>
  'hash' in against
    ? bcrypt.compareSync(password, against.hash)
    : bcrypt.hashSync(password, against.cost);

parentPort?.on('message', (task: PasswordTask) => {
  const { id } = task;
  let answer: PasswordResult;
  try {
    answer = { id, result: work(task) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : 'failed' };
  }
  parentPort?.postMessage(answer);
});
