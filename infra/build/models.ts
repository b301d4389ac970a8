import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import mongoose, { type Model } from 'mongoose';
import { ROOT } from './discover.ts';

/** Every collection there is, found by its file. */
export async function allModels(): Promise<readonly Model<unknown>[]> {
  const files = globSync(`${ROOT}shared/{platform,domain/*}/*.model.ts`).sort();
  await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
  return Object.values(mongoose.models) as Model<unknown>[];
}
