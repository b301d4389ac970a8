import { AsyncLocalStorage } from 'node:async_hooks';
import { config } from './config.ts';

const LEVELS = { debug: 0, info: 1, warning: 2, error: 3, silent: 4 } as const;
type Level = Exclude<keyof typeof LEVELS, 'silent'>;

/** Who a line of log belongs to; carried along every call of one request or event. */
export interface CallContext {
  readonly requestId: string;
  readonly function: string;
  /** 32 hexadecimal digits. */
  readonly trace?: string;
  /** 16 hexadecimal digits. */
  readonly span?: string;
}

export type Facts = Readonly<Record<string, unknown>>;
export type Logger = Readonly<Record<Level, (message: string, facts?: Facts) => void>>;

const context = new AsyncLocalStorage<CallContext>();

export const currentCall = (): CallContext | undefined => context.getStore();
export const inCall = <Result>(call: CallContext, work: () => Result): Result =>
  context.run(call, work);

let write = (line: string): void => void process.stdout.write(`${line}\n`);

/** Sends the lines elsewhere than to standard output. */
export const setLogSink = (sink: (line: string) => void): void => {
  write = sink;
};

/** An error as it may be logged: the message and where, never a request body. */
const described = (value: unknown): unknown =>
  value instanceof Error
    ? {
        name: value.name,
        message: value.message,
        stack: value.stack,
        cause: described(value.cause),
      }
    : value;

function line(level: Level, message: string, facts: Facts = {}): void {
  const { LOG_LEVEL, GOOGLE_CLOUD_PROJECT } = config();
  if (LEVELS[level] < LEVELS[LOG_LEVEL]) return;
  const call = context.getStore();
  write(
    JSON.stringify({
      severity: level.toUpperCase(),
      message,
      ...(call && { function: call.function, requestId: call.requestId }),
      ...(call?.trace && {
        'logging.googleapis.com/trace': `projects/${GOOGLE_CLOUD_PROJECT}/traces/${call.trace}`,
        'logging.googleapis.com/spanId': call.span,
      }),
      ...Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, described(value)])),
    }),
  );
}

/** Structured lines as Cloud Logging reads them. Messages are constant text; what varies is a fact. */
export const log: Logger = {
  debug: (message, facts) => line('debug', message, facts),
  info: (message, facts) => line('info', message, facts),
  warning: (message, facts) => line('warning', message, facts),
  error: (message, facts) => line('error', message, facts),
};
