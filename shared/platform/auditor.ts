import { AsyncLocalStorage } from 'node:async_hooks';
import mongoose, { type Connection, type Model } from 'mongoose';
import { config } from './config.ts';

const reading = new AsyncLocalStorage<Connection>();

let connecting: Promise<Connection> | undefined;

/** The audit reads batch after batch, one at a time. */
const MAX_POOL_SIZE = 2;

/**
 * Runs work that proves something, whose reads go over credentials that cannot write where
 * MONGODB_AUDIT_URI names them: what looks into the books must not be able to change them.
 */
export async function asAuditor<Result>(work: () => Promise<Result>): Promise<Result> {
  const { MONGODB_AUDIT_URI: uri } = config();
  if (uri === undefined) return work();
  connecting ??= mongoose
    .createConnection(uri, { maxPoolSize: MAX_POOL_SIZE, serverSelectionTimeoutMS: 3000 })
    .asPromise();
  try {
    const connection = await connecting;
    return await reading.run(connection, work);
  } catch (error) {
    if (!(await connecting.catch(() => undefined))) connecting = undefined;
    throw error;
  }
}

/** The connection of whoever asks, where it is the auditor's. */
export const auditorsConnection = (): Connection | undefined => reading.getStore();

/** A collection as the auditor reads it; the collection itself for everybody else. */
export function reader<Doc>(model: Model<Doc>): Model<Doc> {
  const connection = reading.getStore();
  if (!connection) return model;
  const known = connection.models[model.modelName];
  return (known ?? connection.model(model.modelName, model.schema)) as Model<Doc>;
}

/** Forgets the connection, which has been closed with all others. */
export function forgetAuditor(): void {
  connecting = undefined;
}
