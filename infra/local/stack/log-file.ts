import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { setLogSink } from '#platform/log.ts';

/** Keeps the functions' lines in a file and shows only what went wrong. */
export async function logToFile(path: string): Promise<void> {
  const file = createWriteStream(path, { flags: 'a' });
  await once(file, 'open');
  setLogSink((line) => {
    file.write(`${line}\n`);
    if (line.startsWith('{"severity":"ERROR"')) process.stderr.write(`${line.slice(0, 600)}\n`);
  });
}
