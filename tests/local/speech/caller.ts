import { v2 } from '@google-cloud/speech';
import { credentials } from '@grpc/grpc-js';
import type { Engine } from '#local/engine.ts';
import { until } from '../../support/place.ts';

/** The vendor's own client, pointed at one engine. */
export class SpeechCaller {
  readonly #client: v2.SpeechClient;

  constructor({ env }: Engine) {
    Object.assign(process.env, { METADATA_SERVER_DETECTION: 'none' });
    const { hostname, port } = new URL(env['SPEECH_ENDPOINT'] ?? '');
    const sslCreds = credentials.createInsecure();
    this.#client = new v2.SpeechClient({
      projectId: 'local',
      apiEndpoint: hostname,
      port: Number(port),
      sslCreds,
    });
  }

  /** Gives the name of the operation. */
  async start(audio: string, output: string, language = 'en-US'): Promise<string> {
    const [operation] = await this.#client.batchRecognize({
      recognizer: 'projects/local/locations/global/recognizers/_',
      config: {
        autoDecodingConfig: {},
        model: 'long',
        languageCodes: [language],
        features: { enableWordTimeOffsets: true, enableAutomaticPunctuation: true },
      },
      files: [{ uri: audio }],
      recognitionOutputConfig: { gcsOutputConfig: { uri: output } },
    });
    return operation.name ?? '';
  }

  /** Waits for the end, and says what became of the only file. */
  async outcome(operation: string): Promise<{ uri: string } | { error: { code: number } }> {
    const done = await until(async () => {
      const progress = await this.#client.checkBatchRecognizeProgress(operation);
      return progress.done && progress;
    }, 50_000);
    const [file] = Object.values(Object(done.result).results ?? {});
    const { error, cloudStorageResult } = Object(file);
    return error ? { error } : { uri: cloudStorageResult.uri };
  }

  close = (): Promise<void> => this.#client.close();
}
