import { protos } from '@google-cloud/speech';
import {
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import type { Job, Jobs, NewJob } from './jobs.ts';
import { locate } from './work.ts';

const { BatchRecognizeRequest, BatchRecognizeResponse, OperationMetadata } =
  protos.google.cloud.speech.v2;
const { GetOperationRequest, Operation } = protos.google.longrunning;
type BatchRecognizeRequest = protos.google.cloud.speech.v2.BatchRecognizeRequest;
type Operation = protos.google.longrunning.IOperation;

/** The two calls of the service that the product makes, in the encoding of the vendor's own client. */
const DEFINITION = {
  batchRecognize: {
    path: '/google.cloud.speech.v2.Speech/BatchRecognize',
    requestStream: false,
    responseStream: false,
    requestSerialize: (request: BatchRecognizeRequest) =>
      Buffer.from(BatchRecognizeRequest.encode(request).finish()),
    requestDeserialize: (bytes: Buffer) => BatchRecognizeRequest.decode(bytes),
    responseSerialize: (operation: Operation) => Buffer.from(Operation.encode(operation).finish()),
    responseDeserialize: (bytes: Buffer) => Operation.decode(bytes),
  },
  getOperation: {
    path: '/google.longrunning.Operations/GetOperation',
    requestStream: false,
    responseStream: false,
    requestSerialize: (request: protos.google.longrunning.GetOperationRequest) =>
      Buffer.from(GetOperationRequest.encode(request).finish()),
    requestDeserialize: (bytes: Buffer) => GetOperationRequest.decode(bytes),
    responseSerialize: (operation: Operation) => Buffer.from(Operation.encode(operation).finish()),
    responseDeserialize: (bytes: Buffer) => Operation.decode(bytes),
  },
} satisfies ServiceDefinition;

/** An answer in the vendor's own codes. */
class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The vendor's API over the jobs. At most `maxWaiting` jobs are accepted before quota is said to be used up. */
export function serve(jobs: Jobs, { maxWaiting }: { readonly maxWaiting: number }): Server {
  const server = new Server();
  server.addService(DEFINITION, {
    batchRecognize: answering(async (request: BatchRecognizeRequest) => {
      const wanted = understood(request);
      if (jobs.waiting >= maxWaiting) {
        throw new Refusal(
          status.RESOURCE_EXHAUSTED,
          "Quota exceeded for quota metric 'Batch requests' of service 'speech.googleapis.com'.",
        );
      }
      const parent = request.recognizer.replace(/\/recognizers\/.*$/, '');
      return describe(await jobs.add(parent, wanted), request.recognizer);
    }),
    getOperation: answering(async ({ name }: protos.google.longrunning.GetOperationRequest) => {
      const job = jobs.find(name);
      if (!job) throw new Refusal(status.NOT_FOUND, `Operation "${name}" does not exist.`);
      return describe(job, '');
    }),
  });
  return server;
}

const answering =
  <Request>(handle: (request: Request) => Promise<Operation>) =>
  (call: ServerUnaryCall<Request, Operation>, reply: sendUnaryData<Operation>): void => {
    handle(call.request).then(
      (operation) => reply(null, operation),
      (problem: unknown) => {
        const code = problem instanceof Refusal ? problem.code : status.INTERNAL;
        reply({ code, message: problem instanceof Error ? problem.message : 'internal' });
      },
    );
  };

const invalid = (message: string) => new Refusal(status.INVALID_ARGUMENT, message);

function understood(request: BatchRecognizeRequest): NewJob {
  const { recognizer, config, files, recognitionOutputConfig: output } = request;
  if (!/^projects\/[^/]+\/locations\/[^/]+\/recognizers\/[^/]+$/.test(recognizer)) {
    throw invalid('Invalid resource field value in the request: recognizer.');
  }
  if (!config?.autoDecodingConfig) throw invalid('Config has no decoding config.');
  if (!config.model) throw invalid('Config has no model.');
  const [language = '', ...others] = config.languageCodes ?? [];
  if (!/^en(-|$)/i.test(language) || others.length > 0) {
    throw invalid('Only one language code, and an English one, is recognised here.');
  }
  const [audioUri = '', ...more] = files.map(({ uri }) => uri ?? '');
  if (more.length > 0) throw invalid('Only one file in a batch is recognised here.');
  const outputUri = output?.gcsOutputConfig?.uri ?? '';
  for (const uri of [audioUri, outputUri]) addressed(uri);
  if (!locate(audioUri).name) throw invalid(`No object in ${audioUri}.`);
  const punctuated = config.features?.enableAutomaticPunctuation ?? false;
  return { audioUri, outputUri, language, punctuated };
}

function addressed(uri: string): void {
  try {
    locate(uri);
  } catch {
    throw invalid(`Invalid Cloud Storage URI: "${uri}".`);
  }
}

function describe(job: Job, resource: string): Operation {
  const { operation: name, outcome, audioUri } = job;
  const progressPercent = outcome ? 100 : 0;
  const metadata = {
    createTime: timestamp(job.createdAt),
    updateTime: timestamp(job.updatedAt),
    resource,
    method: 'google.cloud.speech.v2.Speech.BatchRecognize',
    progressPercent,
    batchRecognizeMetadata: { transcriptionMetadata: { [audioUri]: { progressPercent } } },
  };
  const packed = {
    name,
    metadata: {
      type_url: 'type.googleapis.com/google.cloud.speech.v2.OperationMetadata',
      value: OperationMetadata.encode(metadata).finish(),
    },
  };
  if (!outcome) return { ...packed, done: false };

  // As with the vendor, the batch is done even when a file of it failed; the error stands beside the file.
  const result =
    'resultUri' in outcome
      ? { cloudStorageResult: { uri: outcome.resultUri } }
      : { error: { code: outcome.code, message: outcome.message } };
  const response = BatchRecognizeResponse.encode({ results: { [audioUri]: result } }).finish();
  return {
    ...packed,
    done: true,
    response: {
      type_url: 'type.googleapis.com/google.cloud.speech.v2.BatchRecognizeResponse',
      value: response,
    },
  };
}

const timestamp = (iso: string) => ({ seconds: Math.floor(Date.parse(iso) / 1000), nanos: 0 });
