import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startAbly } from '#local/ably/engine.ts';
import { startClamd } from '#local/clamav/engine.ts';
import type { Engine, Place, StartEngine } from '#local/engine.ts';
import { startFirestore, startPubSub } from '#local/google/emulators.ts';
import { startStorage } from '#local/google/storage/start.ts';
import { startMail } from '#local/mail/engine.ts';
import { startMongo } from '#local/mongo/engine.ts';
import { startSpeech } from '#local/speech/engine.ts';
import { startStripe } from '#local/stripe/engine.ts';

const ENGINES: Readonly<Record<string, StartEngine>> = {
  mongo: startMongo,
  pubsub: startPubSub,
  firestore: startFirestore,
  clamd: startClamd,
  ably: startAbly,
  stripe: startStripe,
  mail: startMail,
};

export interface Stack {
  readonly engines: readonly Engine[];
  /** What points the product's clients at these engines. */
  readonly env: Readonly<Record<string, string>>;
  /** Settles with the name and the reason when an engine ends by itself. */
  readonly crashed: Promise<string>;
  stop(): Promise<void>;
}

interface Options {
  /** Where data and logs of this stack live. */
  readonly dir: string;
  readonly publicUrl: string;
  readonly onReady?: (engine: Engine) => void;
}

/** Starts every engine side by side. When one cannot start, the others are stopped and it is named. */
export async function startStack({ dir, publicUrl, onReady }: Options): Promise<Stack> {
  const started: Engine[] = [];
  const start = async (name: string, engine: StartEngine): Promise<Engine> => {
    const place: Place = {
      dataDir: join(dir, 'data', name),
      logFile: join(dir, 'logs', `${name}.log`),
      publicUrl,
    };
    await mkdir(place.dataDir, { recursive: true });
    await mkdir(join(dir, 'logs'), { recursive: true });
    const running = await engine(place).catch((cause: unknown) => {
      throw new Error(`${name} did not start: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    });
    started.push(running);
    onReady?.(running);
    return running;
  };
  const startStorageThenSpeech = async (): Promise<void> => {
    const storage = await start('storage', startStorage);
    // The recogniser reads and writes buckets, as the vendor's own does.
    Object.assign(process.env, storage.env);
    await start('speech', startSpeech);
  };

  const outcomes = await Promise.allSettled([
    startStorageThenSpeech(),
    ...Object.entries(ENGINES).map(([name, engine]) => start(name, engine)),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.allSettled(started.map((engine) => engine.stop()));
  };
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    engines: started.sort((a, b) => (a.name < b.name ? -1 : 1)),
    env: Object.assign({}, ...started.map(({ env }) => env)),
    crashed: Promise.race(
      started.map(async ({ name, exited }) => `${name} ended by itself: ${await exited}`),
    ),
    stop,
  };
}
