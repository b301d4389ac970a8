import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import { ROOT } from '#build/discover.ts';
import { connect } from '#platform/database.ts';

/** Loads every model, so that Mongoose knows all collections there are. */
export async function loadModels(): Promise<void> {
  const files = globSync(`${ROOT}shared/{platform,domain/*}/*.model.ts`);
  await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
}

/** Brings the database to what the models declare; see infra/migrations. */
export async function migrate(): Promise<void> {
  await loadModels();
  await connect();
  for (const model of Object.values(mongoose.models)) {
    await model.createCollection();
    await model.createIndexes();
  }
}
