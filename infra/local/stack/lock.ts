import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running stack leaves for others to find: who runs, and where it serves. */
export interface Running {
  readonly pid: number;
  readonly url: string;
}

const fileIn = (dir: string): string => join(dir, 'running.json');

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The stack that runs from this folder, if its process still lives. */
export async function runningStack(dir: string): Promise<Running | undefined> {
  const text = await readFile(fileIn(dir), 'utf8').catch(() => undefined);
  if (!text) return undefined;
  const running = JSON.parse(text) as Running;
  return alive(running.pid) ? running : undefined;
}

/** Marks the folder as ours; whoever died with the mark in place does not count. */
export async function claim(dir: string, url: string): Promise<() => Promise<void>> {
  const other = await runningStack(dir);
  if (other)
    throw new Error(
      `This clone already serves at ${other.url} (process ${other.pid}): stop it first.`,
    );
  await writeFile(fileIn(dir), JSON.stringify({ pid: process.pid, url } satisfies Running));
  return () => rm(fileIn(dir), { force: true });
}
