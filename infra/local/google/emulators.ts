import { existsSync, globSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, findOnPath, freePort, launch } from '#local/child.ts';
import type { Engine, Place, StartEngine } from '#local/engine.ts';

interface Emulator {
  readonly name: string;
  readonly component: string;
  /** Where the jar lies inside the SDK, and where firebase-tools keeps its own download. */
  readonly jars: (sdk: string) => readonly string[];
  readonly heapMegabytes: number;
  readonly run: (jar: string, port: number) => readonly string[];
  readonly env: (address: string) => Record<string, string>;
}

const downloads = join(homedir(), '.cache/firebase/emulators');

/** Google's own Pub/Sub emulator. Nothing it holds survives a restart. */
export const startPubSub: StartEngine = (place) =>
  startEmulator(place, {
    name: 'pubsub',
    component: 'pubsub-emulator',
    jars: (sdk) => [
      join(sdk, 'platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar'),
      join(downloads, 'pubsub-emulator-*/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar'),
    ],
    heapMegabytes: 256,
    run: (jar, port) => ['-jar', jar, '--host=127.0.0.1', `--port=${port}`],
    env: (address) => ({ PUBSUB_EMULATOR_HOST: address }),
  });

/** Google's own Firestore emulator. Nothing it holds survives a restart. */
export const startFirestore: StartEngine = (place) =>
  startEmulator(place, {
    name: 'firestore',
    component: 'cloud-firestore-emulator',
    jars: (sdk) => [
      join(sdk, 'platform/cloud-firestore-emulator/cloud-firestore-emulator.jar'),
      join(downloads, 'cloud-firestore-emulator-v*.jar'),
    ],
    heapMegabytes: 512,
    run: (jar, port) => [
      '-Duser.language=en',
      '-cp',
      jar,
      'com.google.cloud.datastore.emulator.firestore.CloudFirestore',
      '--host',
      '127.0.0.1',
      '--port',
      `${port}`,
    ],
    env: (address) => ({ FIRESTORE_EMULATOR_HOST: address }),
  });

const attempts = 3;
const patienceMs = 60_000;

async function startEmulator(place: Place, emulator: Emulator): Promise<Engine> {
  const began = performance.now();
  const java = findJava();
  const jar = findJar(emulator);
  // The JVM, not gcloud's wrapper: an interrupt to the wrapper leaves the JVM behind.
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = launch({
      command: java,
      args: [
        `-Xmx${emulator.heapMegabytes}m`,
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        ...emulator.run(jar, port),
      ],
      logFile: place.logFile,
    });
    const failure = await untilItAnswers(child, port);
    if (failure === undefined) {
      const address = `127.0.0.1:${port}`;
      return {
        name: emulator.name,
        version: `${emulator.component} (${basename(jar)})`,
        address,
        pid: child.pid,
        startedInMs: Math.round(performance.now() - began),
        env: { ...emulator.env(address), METADATA_SERVER_DETECTION: 'none' },
        exited: child.exited,
        stop: child.stop,
      };
    }
    await child.stop();
    if (attempt === attempts)
      throw new Error(`The ${emulator.name} emulator did not start: ${failure}`);
  }
}

/** Resolves with undefined when the port answers, or with the reason why it never will. */
async function untilItAnswers(child: Child, port: number): Promise<string | undefined> {
  let ended: string | undefined;
  void child.exited.then((reason) => {
    ended = reason;
  });
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if (ended !== undefined) return ended;
    try {
      const { ok } = await fetch(`http://127.0.0.1:${port}/`, {
        signal: AbortSignal.timeout(2_000),
      });
      if (ok) return undefined;
    } catch {
      // Not listening yet.
    }
    await delay(50);
  }
  return `it did not answer within ${patienceMs / 1000} s`;
}

function findJava(): string {
  const home = process.env['JAVA_HOME'];
  const own = home === undefined ? undefined : join(home, 'bin/java');
  const java = own !== undefined && existsSync(own) ? own : findOnPath('java');
  if (java !== undefined) return java;
  throw new Error(
    "Google's emulators need Java 17 or newer, which is not installed: sudo apt-get install -y openjdk-17-jre-headless",
  );
}

function findJar({ name, component, jars }: Emulator): string {
  const found = sdkRoots()
    .flatMap((sdk) => jars(sdk))
    .flatMap((pattern) => globSync(pattern).sort().reverse());
  if (found[0] !== undefined) return found[0];
  throw new Error(
    `The ${name} emulator of the Google Cloud SDK is not installed: gcloud components install ${component} (with the SDK from apt: sudo apt-get install -y google-cloud-cli-${component.replace('cloud-', '')})`,
  );
}

/** Looking is instant; `gcloud info` would take seconds. */
function sdkRoots(): readonly string[] {
  const gcloud = findOnPath('gcloud');
  return [
    process.env['CLOUDSDK_ROOT_DIR'],
    gcloud === undefined ? undefined : dirname(dirname(realpathSync(gcloud))),
    '/usr/lib/google-cloud-sdk',
    join(homedir(), 'google-cloud-sdk'),
    '/opt/google-cloud-sdk',
    '/opt/homebrew/share/google-cloud-sdk',
  ].filter((root) => root !== undefined);
}
