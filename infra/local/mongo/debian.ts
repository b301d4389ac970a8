import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A package as the archive describes it. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A private view of one Debian suite: own lists, own cache, nothing of the machine's state is touched. */
export interface Archive {
  readonly folder: string;
  readonly options: readonly string[];
}

/**
 * What the engine's dependencies name but the engine never loads: raster formats, 3D geometry, Perl
 * wrappers around the server, init systems and account tools. What only these need goes with them.
 */
const NOT_NEEDED = [
  /^lib(gdal|sfcgal)\d/,
  /^(lib)?perl/,
  /^lib.*-perl$/,
  /^(systemd|lib?nss-systemd|init-system|sysvinit)/,
  /^(adduser|passwd|login|debconf|ucf|ssl-cert|openssl|locales|sensible-utils|dpkg|tar)/,
  /^postgresql-(common|client)/,
  /^libpam(-|0g-)/,
  /^libc-(bin|l10n|gconv)/,
  /^libsasl2-modules/,
  /^(libssl.*|openssl-provider).*legacy/,
  /^(ca-certificates|krb5-locales|publicsuffix|libldap-common)/,
];

/** Opens `suite` on the mirror that this machine's own apt uses. Rejects when the mirror does not answer. */
export async function openArchive(folder: string, suite: string): Promise<Archive> {
  const mirror = await ownMirror();
  for (const part of ['lists/partial', 'cache/archives/partial', 'parts', 'debs']) {
    await mkdir(join(folder, part), { recursive: true });
  }
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const signed = await readFile(keyring).then(
    () => ` [signed-by=${keyring}]`,
    () => '',
  );
  await writeFile(join(folder, 'sources.list'), `deb${signed} ${mirror} ${suite} main\n`);
  await writeFile(join(folder, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': join(folder, 'parts'),
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Acquire::Check-Valid-Until': 'false', // testing's release file expires after a week
    'Acquire::Languages': 'none',
    'Acquire::ForceHash': 'SHA256',
    'Acquire::Retries': '1',
    'Acquire::Retries::Delay': 'false',
    'Acquire::http::Timeout': '10',
    'Acquire::https::Timeout': '10',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': '',
    'APT::Update::Error-Mode': 'any',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await run('apt-get', [...options, 'update'], { maxBuffer: 1e8 });
  return { folder, options };
}

async function ownMirror(): Promise<string> {
  const format = '$(REPO_URI)|$(ORIGIN)|$(LABEL)|$(RELEASE)';
  const { stdout } = await run('apt-get', ['indextargets', '--format', format], { maxBuffer: 1e8 });
  const rows = stdout.split('\n').map((line) => line.split('|'));
  const debian = rows.find(([, origin, label]) => origin === 'Debian' && label === 'Debian');
  const bare = rows.find(([uri]) => /\/debian\/?$/.test(uri ?? ''));
  const uri = debian?.[0] ?? bare?.[0];
  if (uri === undefined || uri === '') {
    throw new Error('apt on this machine names no Debian mirror');
  }
  return uri;
}

/** The package and everything it loads, without what `NOT_NEEDED` names. */
export async function packagesFor(archive: Archive, wanted: string): Promise<DebianPackage[]> {
  const { stdout } = await run(
    'apt-get',
    [...archive.options, '--print-uris', '-y', 'install', wanted],
    { maxBuffer: 1e8 },
  );
  const planned = new Map<string, DebianPackage>();
  for (const line of stdout.split('\n')) {
    const match = /^'[^']+' ([^_]+)_([^_]+)_[^_]+\.deb (\d+) SHA256:([0-9a-f]{64})/.exec(line);
    if (!match) continue;
    const [, name = '', version = '', bytes, sha256 = ''] = match;
    planned.set(name, {
      name,
      version: decodeURIComponent(version),
      bytes: Number(bytes),
      sha256,
    });
  }
  return closure(planned, await dependencies(archive, [...planned.keys()]), wanted);
}

async function dependencies(archive: Archive, names: string[]): Promise<Map<string, string[]>> {
  const { stdout } = await run(
    'apt-cache',
    [...archive.options, '--no-all-versions', 'show', ...names],
    { maxBuffer: 1e8 },
  );
  const needs = new Map<string, string[]>();
  for (const stanza of stdout.split('\n\n')) {
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    if (name === undefined) continue;
    const fields = [...stanza.matchAll(/^(?:Pre-)?Depends: (.+)$/gm)].map(([, list]) => list ?? '');
    const all = fields.join(',').split(/[,|]/);
    needs.set(
      name,
      all.map((entry) => entry.trim().split(/[\s:(]/)[0] ?? ''),
    );
  }
  return needs;
}

function closure(
  planned: Map<string, DebianPackage>,
  needs: Map<string, string[]>,
  root: string,
): DebianPackage[] {
  const reached = new Set<string>();
  const waiting = [root];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name) || !planned.has(name)) continue;
    if (NOT_NEEDED.some((pattern) => pattern.test(name))) continue;
    reached.add(name);
    waiting.push(...(needs.get(name) ?? []));
  }
  return [...planned.values()].filter(({ name }) => reached.has(name));
}

/** Downloads through apt itself (its proxies, its retries) and checks every file's SHA-256. */
export async function download(
  archive: Archive,
  packages: readonly DebianPackage[],
): Promise<string[]> {
  const folder = join(archive.folder, 'debs');
  const names = packages.map(({ name, version }) => `${name}=${version}`);
  await run('apt-get', [...archive.options, '-q', 'download', ...names], {
    cwd: folder,
    maxBuffer: 1e8,
  });
  const files = await readdir(folder);
  return Promise.all(
    packages.map(async ({ name, sha256 }) => {
      const file = files.find((candidate) => candidate.startsWith(`${name}_`));
      if (file === undefined) throw new Error(`the mirror did not deliver ${name}`);
      const bytes = await readFile(join(folder, file));
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
        throw new Error(
          `${file} is not what the archive's signed list describes (SHA-256 differs)`,
        );
      }
      return join(folder, file);
    }),
  );
}

const UNREAD = [
  ...['doc', 'man', 'locale', 'lintian', 'perl5', 'postgresql/*/contrib'].map((x) => `share/${x}`),
  ...['bin', 'sbin', 'include', 'lib/postgresql/*/lib/bitcode'],
].map((path) => `--exclude=./usr/${path}`);

/** Unpacks packages below `root`; no maintainer script is run. */
export async function unpack(debs: readonly string[], root: string): Promise<void> {
  const script = 'deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar -x --no-same-owner "$@"';
  const waiting = [...debs];
  const worker = async () => {
    for (let deb = waiting.pop(); deb !== undefined; deb = waiting.pop()) {
      await run('sh', ['-ec', script, 'unpack', deb, '-C', root, ...UNREAD]);
    }
  };
  await Promise.all([worker(), worker()]);
}

/**
 * Puts a script in the program's place that starts it with the C library it was built for, because
 * the machine's own may be older. The path is found at run time, so the tree can be moved.
 */
export async function useOwnLibraries(program: string, bytes: Buffer): Promise<void> {
  await writeFile(`${program}.bin`, bytes, { mode: 0o755 });
  const script = `#!/bin/sh
root=\${0%/*}/../../../../..
for loader in "$root"/usr/lib/*/ld-linux-*.so.*; do
  exec "$loader" --argv0 "$0" --library-path "\${loader%/*}:\${0%/*}/../lib" "$0.bin" "$@"
done
`;
  await writeFile(program, script, { mode: 0o755 });
  await chmod(program, 0o755);
}
