import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Debian package, why we want it, and the files that prove it is on this machine. */
interface SystemPackage {
  readonly name: string;
  readonly why: string;
  readonly programs: readonly string[];
  readonly files: readonly string[];
}

/** Where pocketsphinx keeps its English acoustic model, dictionary and language model. */
export const MODEL_DIR = '/usr/share/pocketsphinx/model/en-us';

const PACKAGES: readonly SystemPackage[] = [
  {
    name: 'ffmpeg',
    why: 'reads uploads and makes renditions, posters and previews',
    programs: ['ffmpeg', 'ffprobe'],
    files: [],
  },
  {
    name: 'pocketsphinx',
    why: 'recognises speech for captions',
    programs: ['pocketsphinx_continuous'],
    files: [],
  },
  {
    name: 'pocketsphinx-en-us',
    why: 'the English model of the recogniser',
    programs: [],
    files: [`${MODEL_DIR}/en-us/mdef`, `${MODEL_DIR}/cmudict-en-us.dict`],
  },
  {
    name: 'flite',
    why: 'speaks the words in demo and test clips',
    programs: ['flite'],
    files: [],
  },
  {
    name: 'clamav-daemon',
    why: 'scans uploads for malware',
    programs: ['clamd'],
    files: [],
  },
];

/** What the tests need beside what the stack needs. */
export const FOR_TESTS: readonly SystemPackage[] = [
  ...PACKAGES,
  {
    name: 'chromium',
    why: 'plays produced videos in a real browser, in the tests',
    programs: ['chromium'],
    files: [],
  },
];

/** Where the program is, also when an ordinary user's PATH leaves out the system folders. */
export function findProgram(
  program: string,
  path: string = process.env['PATH'] ?? '',
): string | undefined {
  const folders = [...path.split(':').filter(Boolean), '/usr/sbin', '/usr/bin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The packages whose programs or model files are not on this machine. */
export const missingPackages = (
  path?: string,
  wanted: readonly SystemPackage[] = PACKAGES,
): readonly SystemPackage[] =>
  wanted.filter(
    ({ programs, files }) =>
      !programs.every((program) => findProgram(program, path)) || !files.every(existsSync),
  );

const APT_OPTIONS = [
  '-o',
  'DPkg::Lock::Timeout=300',
  '-o',
  'Acquire::Retries=3',
  '-o',
  'Dpkg::Use-Pty=0',
  '-o',
  'APT::Status-Fd=1',
];

/**
 * Runs under one machine-wide lock, so that a second installation waits and then finds nothing to do. Debian
 * starts a daemon as soon as it is installed; a policy that forbids it stands there for as long as we install.
 */
const SCRIPT = `
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' >"$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true LC_ALL=C
apt() { apt-get ${APT_OPTIONS.join(' ')} "$@" </dev/null; }
apt install -y --no-install-recommends "$@" && exit 0
apt update && apt install -y --no-install-recommends "$@"
`;

/**
 * Makes sure that every system program of the local stack is installed, and says what it installs and why.
 * Rejects with one sentence that holds the command to type where it may not or cannot install.
 */
export async function installPackages(
  log: (line: string) => void,
  wanted: readonly SystemPackage[] = PACKAGES,
): Promise<void> {
  const missing = missingPackages(undefined, wanted);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const byHand = `apt-get update && apt-get install -y --no-install-recommends ${names.join(' ')}`;

  if (!findProgram('apt-get')) {
    throw new Error(
      `This machine has no apt-get, and ${names.join(', ')} must be installed with its own package manager (on Debian: ${byHand}).`,
    );
  }
  const prefix = rootPrefix();
  if (!prefix) {
    throw new Error(
      `Installing ${names.join(', ')} needs root, so type this once and start again: sudo sh -c '${byHand}'`,
    );
  }

  for (const { name, why } of missing) log(`installing ${name}: ${why}`);
  const { code, tail } = await run([...prefix, ...underLock(names)], log);
  const left = missingPackages().map(({ name }) => name);
  if (left.length > 0) {
    const reason = tail.findLast((line) => line.startsWith('E:')) ?? tail.at(-1) ?? '';
    throw new Error(
      `apt-get could not install ${left.join(', ')} (exit ${code}: ${reason}); try by hand: ${byHand}`,
    );
  }
  log(`installed ${names.join(', ')}`);
}

const underLock = (names: readonly string[]): string[] => [
  'flock',
  '/run/lock/mixillo-packages.lock',
  'sh',
  '-c',
  SCRIPT,
  'sh',
  ...names,
];

/** What to put before a command so that it runs as root without asking anybody; undefined when nothing does. */
function rootPrefix(): readonly string[] | undefined {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  return sudo && spawnSync(sudo, ['-n', 'true']).status === 0 ? [sudo, '-n'] : undefined;
}

async function run(
  [program = '', ...args]: readonly string[],
  log: (line: string) => void,
): Promise<{ code: number; tail: string[] }> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const tail: string[] = [];
  const announce = progressOf(log);
  const read = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      announce(line);
      tail.push(line);
      if (tail.length > 40) tail.shift();
    }
  };
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  const [code] = await Promise.all([ended, read(child.stdout), read(child.stderr)]);
  return { code, tail };
}

/** Turns apt's status lines (`dlstatus:3:41.2:…`) into one line for each quarter of each phase. */
function progressOf(log: (line: string) => void): (line: string) => void {
  let last = '';
  return (line) => {
    const match = /^(dlstatus|pmstatus):[^:]*:([\d.]+):/.exec(line);
    if (!match) return;
    const percent = Math.floor(Number(match[2]) / 25) * 25;
    const step = `${match[1] === 'dlstatus' ? 'downloading' : 'unpacking'} ${percent} %`;
    if (step !== last) log(`  ${step}`);
    last = step;
  };
}
