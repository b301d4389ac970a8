import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import mongoose from 'mongoose';
import { ROOT } from '#build/discover.ts';
import { allModels } from '#build/models.ts';
import { connect } from '#platform/database.ts';

/** A change of data, run once for each database; safe to run again if it was cut short. */
export interface Migration {
  readonly summary: string;
  /** Changes in batches what still has the old form; returns how many documents it changed. */
  readonly up: () => Promise<number>;
}

const DONE = 'migrations';

/**
 * Brings a database to what the code declares: collections, indexes, then data migrations in the
 * order of their names. It only adds. An index that no model declares is named and left, because
 * dropping it is a decision for a person.
 */
export async function migrate(say: (line: string) => void = () => {}): Promise<void> {
  await connect();
  for (const model of await allModels()) {
    await model.createCollection();
    await model.createIndexes();
  }
  await runDataMigrations(say);
}

async function runDataMigrations(say: (line: string) => void): Promise<void> {
  const done = mongoose.connection.collection<{ _id: string; at: Date }>(DONE);
  for (const file of globSync(`${ROOT}infra/migrations/data/*.ts`).sort()) {
    const id = basename(file, '.ts');
    if (await done.findOne({ _id: id })) continue;
    const { default: migration }: { default: Migration } = await import(pathToFileURL(file).href);
    const changed = await migration.up();
    await done.updateOne({ _id: id }, { $set: { at: new Date() } }, { upsert: true });
    say(`${id}: ${migration.summary} (${changed} documents)`);
  }
}

/** Indexes of the database that no model declares, as `collection.index`. */
export async function undeclaredIndexes(): Promise<string[]> {
  const found: string[] = [];
  for (const model of await allModels()) {
    const { toDrop } = await model.diffIndexes();
    found.push(...toDrop.map((index) => `${model.collection.name}.${index}`));
  }
  return found;
}
