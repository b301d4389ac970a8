import mongoose from 'mongoose';
import { Contents } from '#domain/content/content.model.ts';
import { Profiles } from '#domain/users/profile.model.ts';
import { newId } from '#platform/id.ts';
import { useEngines } from './world.ts';

const CONTENTS = 20_000;
const CREATORS = 500;
const BATCH = 2000;

let made: Promise<void> | undefined;

/** 20,000 published contents of 500 creators, straight into the collections; made once. */
export const fillFeed = (): Promise<void> => (made ??= fill());

async function fill(): Promise<void> {
  await useEngines();
  const stamp = { createdAt: new Date(), updatedAt: new Date(), schemaVersion: 1 };
  const creators = Array.from({ length: CREATORS }, (_, index) => ({
    user: newId<'user'>(),
    username: `creator_${index}`,
    avatar: `https://media.example/avatars/${index}.jpg`,
  }));
  await Profiles.collection.insertMany(
    creators.map(({ user, username, avatar }) => ({
      ...stamp,
      ...{ user, username, avatar, displayName: username, displayNameLower: username, bio: '' },
      ...{ links: [], isPrivate: false, badge: null, active: true },
      counts: { followers: 0, following: 0, content: 40, likes: 0 },
    })),
  );
  // The baseline keeps the picture with the user, where `populate` finds it.
  await mongoose.connection
    .collection('benchcreators')
    .insertMany(creators.map(({ user, username, avatar }) => ({ _id: user, username, avatar })));
  // What the baseline sorts by; it may use our indexes too.
  await Contents.collection.createIndex({ createdAt: -1 });
  const newest = Date.now();
  for (let first = 0; first < CONTENTS; first += BATCH)
    await Contents.collection.insertMany(
      Array.from({ length: BATCH }, (_, index) => {
        const number = first + index;
        const creator = creators[(number * 7919) % CREATORS]?.user ?? newId<'user'>();
        const at = new Date(newest - number * 1000);
        return { ...stamp, ...contentOf(number, creator), createdAt: at, publishedAt: at };
      }),
    );
}

const contentOf = (number: number, creator: mongoose.Types.ObjectId) => ({
  creator,
  asset: newId<'media'>(),
  caption: `Clip ${number} of a long evening #bench`,
  ...{ status: 'published', visibility: 'public', hashtags: ['bench'], mentions: [], edits: [] },
  media: {
    ...{ video: `media/${number}/720p.mp4`, hls: `media/${number}/hls/master.m3u8` },
    ...{ poster: `media/${number}/poster.jpg`, width: 720, height: 1280, durationMs: 15_000 },
  },
  labels: { ai: false, ad: false, sensitive: false },
  allow: { comments: true, duet: true, download: true },
  operation: `bench:${number}`,
  wantsCaptions: false,
  counts: { views: number, likes: number % 100, comments: number % 10 },
  score: 0,
});
