import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type Session, Sessions } from './session.model.ts';

/** The living sessions of a person, the latest used first. */
export const sessionsOf = (user: Id<'user'>, query: PageQuery): Promise<Page<Session & Stored>> =>
  findPage<Session>({
    model: Sessions,
    where: { user, revokedAt: null },
    sort: { field: 'lastSeenAt', direction: -1 },
    query,
    scope: `sessions:${user.toHexString()}`,
  });

/** A session as its owner sees it. */
export const SessionView = z.object({
  id: IdText,
  device: z.object({
    name: z.string().nullable(),
    platform: z.string().nullable(),
    appVersion: z.string().nullable(),
  }),
  network: z.string(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
});

export const toSessionView = (
  { _id, device, network, createdAt, lastSeenAt, expiresAt }: Session & Stored,
  currentId: string,
): z.infer<typeof SessionView> => ({
  id: _id.toHexString(),
  device: {
    name: device.name ?? null,
    platform: device.platform ?? null,
    appVersion: device.appVersion ?? null,
  },
  network,
  createdAt: createdAt.toISOString(),
  lastSeenAt: lastSeenAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  current: _id.toHexString() === currentId,
});
