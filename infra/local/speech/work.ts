import { rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Storage } from '@google-cloud/storage';
import { status } from '@grpc/grpc-js';
import type { Job, Outcome } from './jobs.ts';
import { NoAudio, recognise } from './recogniser.ts';
import { resultOf } from './result.ts';

const ATTEMPTS = 20;
const PAUSE_MS = 1_000;

/** How one job is done: fetch the recording, find the words, put the result object into the bucket. */
export function workIn(scratch: string): (job: Job) => Promise<Outcome> {
  const storage = new Storage({ projectId: 'local' });
  return async (job) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await perform(job, storage, scratch);
      } catch (problem) {
        const outcome = outcomeOf(problem);
        // The storage may be restarting; nothing else gets better by waiting.
        if (outcome.code !== status.UNAVAILABLE || attempt === ATTEMPTS) return outcome;
        await wait(PAUSE_MS);
      }
    }
  };
}

async function perform(job: Job, storage: Storage, scratch: string): Promise<Outcome> {
  const source = locate(job.audioUri);
  const target = locate(job.outputUri);
  const recording = join(scratch, `${job.id}.audio`);
  try {
    await storage.bucket(source.bucket).file(source.name).download({ destination: recording });
    const utterances = await recognise(recording, join(scratch, job.id));
    const name = [
      target.name.replace(/\/$/, ''),
      `${parse(source.name).name}_transcript_${job.id}.json`,
    ]
      .filter(Boolean)
      .join('/');
    await storage
      .bucket(target.bucket)
      .file(name)
      .save(JSON.stringify(resultOf(utterances, job)), {
        contentType: 'application/json',
        resumable: false,
      });
    return { resultUri: `gs://${target.bucket}/${name}` };
  } finally {
    for (const file of [recording, join(scratch, `${job.id}.wav`)]) await rm(file, { force: true });
  }
}

export interface Location {
  readonly bucket: string;
  readonly name: string;
}

/** Takes `gs://bucket/name` apart; the name may be empty. Throws when it is not of that form. */
export function locate(uri: string): Location {
  const [, bucket, name = ''] = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220})(?:\/(.*))?$/.exec(uri) ?? [];
  if (!bucket) throw new Error(`not a Cloud Storage address: ${uri}`);
  return { bucket, name };
}

function outcomeOf(problem: unknown): { code: number; message: string } {
  const { message } = problem instanceof Error ? problem : new Error(String(problem));
  const code = problem instanceof Error && 'code' in problem ? problem.code : undefined;
  if (problem instanceof NoAudio) return { code: status.INVALID_ARGUMENT, message };
  if (code === 404) return { code: status.NOT_FOUND, message };
  if (code === 401 || code === 403) return { code: status.PERMISSION_DENIED, message };
  if (typeof code === 'number' ? code >= 500 : isNetwork(problem)) {
    return { code: status.UNAVAILABLE, message };
  }
  return { code: status.INTERNAL, message };
}

const isNetwork = (problem: unknown): boolean =>
  problem instanceof Error &&
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|socket hang up/.test(String(problem));
