import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { objectInfo } from '#platform/storage.ts';
import type { Body } from './caller.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

export interface Announced {
  readonly id: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Announces a file as its owner's app would. */
export async function announce(
  owner: Person,
  wish: { readonly bytes: number; readonly mime?: string; readonly purpose?: string },
): Promise<Announced> {
  const body = { purpose: 'video', mime: 'video/mp4', ...wish };
  const answer = await owner.post('/api/media/uploads', body, { key: randomUUID() });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  const { asset, upload } = answer.body as { [name: string]: Body };
  return {
    id: String(asset?.['id']),
    url: String(upload?.['url']),
    headers: JSON.parse(JSON.stringify(upload?.['headers'])),
  };
}

/** Sends bytes to a session; the status of the storage's answer. */
export async function send(
  { url, headers }: Announced,
  bytes: Uint8Array,
  range?: string,
): Promise<number> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { ...headers, ...(range !== undefined && { 'content-range': range }) },
    body: Buffer.from(bytes),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Uploads a file whole; the id of its asset. */
export async function upload(
  owner: Person,
  path: string,
  wish: { readonly mime?: string; readonly purpose?: string } = {},
): Promise<string> {
  const bytes = await readFile(path);
  const announced = await announce(owner, { ...wish, bytes: bytes.length });
  const status = await send(announced, bytes);
  if (status !== 200) throw new Error(`the storage answered ${status}`);
  return announced.id;
}

/** What the owner is told of an asset. */
export const statusOf = async (owner: Person, assetId: string): Promise<Body> =>
  (await owner.get(`/api/media/uploads/${assetId}`)).body['asset'] as Body;

const PATIENCE_MS = 240_000;

/** Waits until something is so, as somebody who looks again and again would. */
export async function until<Result>(
  look: () => Promise<Result>,
  satisfied: (result: Result) => boolean,
): Promise<Result> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const result = await look();
    if (satisfied(result)) return result;
    if (Date.now() > deadline) throw new Error(`never so: ${JSON.stringify(result)}`);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const ENDED = ['ready', 'rejected', 'failed', 'expired'];

/** Waits until the work on an asset has ended in one way or another. */
export const ended = (owner: Person, assetId: string): Promise<Body> =>
  until(
    () => statusOf(owner, assetId),
    (asset) => ENDED.includes(String(asset['status'])),
  );

/** The names of everything that lies in a bucket below a prefix. */
export async function objectsIn(bucket: string, prefix = ''): Promise<string[]> {
  const { Storage } = await import('@google-cloud/storage');
  const storage = new Storage({ projectId: process.env['GOOGLE_CLOUD_PROJECT'] ?? '' });
  const [files] = await storage.bucket(process.env[bucket] ?? '').getFiles({ prefix });
  return files.map(({ name }) => name);
}

/** What a person was told at once about an asset, in the order of events. */
export async function toldAbout(world: World, owner: Person, assetId: string): Promise<string[]> {
  const messages = await world.realtime(`user:${owner.id}`);
  return messages
    .filter(({ name, data }) => name === 'media:status' && data['assetId'] === assetId)
    .map(({ data }) => String(data['code'] ?? data['status']));
}

/** The kinds of items in a person's inbox, newest first. */
export async function inboxOf(owner: Person): Promise<string[]> {
  const { body } = await owner.get('/api/notifications');
  const items = JSON.parse(JSON.stringify(body['notifications'])) as { readonly type: string }[];
  return items.map(({ type }) => type);
}

/** The events that were committed about a subject, oldest first. */
export async function eventsAbout(subjectId: string): Promise<string[]> {
  const rows = await OutboxEvents.find({ key: subjectId }).sort({ seq: 1 }).lean();
  return rows.map(({ type }) => type);
}

/** Delivers an event to a consumer as Pub/Sub does; the status it answered. */
export async function deliver(
  world: World,
  consumer: string,
  { type, data, attempt = 1 }: { type: string; data: object; attempt?: number },
): Promise<number> {
  const envelope = { id: randomUUID(), type, occurredAt: world.now().toISOString(), data };
  const body = {
    message: {
      data: Buffer.from(JSON.stringify(envelope)).toString('base64'),
      attributes: { type },
      messageId: envelope.id,
    },
    subscription: consumer,
    deliveryAttempt: attempt,
  };
  return (await world.post(`/functions/${consumer}`, body)).status;
}

/** Announces a finished object to a trigger as the storage does; the status it answered. */
export async function finalize(
  world: World,
  trigger: string,
  { bucket, name }: { readonly bucket: string; readonly name: string },
): Promise<number> {
  const found = await objectInfo(bucket, name);
  const object = { bucket, name, generation: found?.generation ?? '1', size: found?.bytes ?? 0 };
  const headers = {
    'ce-id': randomUUID(),
    'ce-type': 'google.cloud.storage.object.v1.finalized',
    'ce-source': `//storage.googleapis.com/projects/_/buckets/${bucket}`,
    'ce-specversion': '1.0',
  };
  return (await world.post(`/functions/${trigger}`, object, { headers })).status;
}

/** The buckets of a world without background, where nobody else makes them. */
export async function makeBuckets(): Promise<void> {
  for (const variable of ['UPLOADS_BUCKET', 'MEDIA_BUCKET', 'CAPTIONS_BUCKET', 'KYC_BUCKET'])
    await fetch(`${process.env['STORAGE_EMULATOR_HOST']}/_local/buckets/${process.env[variable]}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ public: false, sinks: [], notifyEvents: ['finalized'] }),
    });
}
