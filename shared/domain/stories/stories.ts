import { z } from 'zod';
import { urlsOf } from '#domain/content/contents.ts';
import { markSeen, seenAmong, viewerOf, viewersOf } from '#domain/content/views.ts';
import { canSee, followeesOf, relationOf, relationsOf } from '#domain/users/relations.ts';
import { cardIn, cardsOf, settingsOf, UserCard } from '#domain/users/users.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import type { Page, PageQuery } from '#platform/page.ts';
import { NotFound } from '#platform/problem.ts';
import { STORY_AUDIENCES, STORY_STATUSES, Stories, type Story } from './story.model.ts';
import { StoryViewed } from './story-events.ts';

export type StoryId = Id<'story'>;
export type StoredStory = Story & Stored;

/** Who may see a story, besides its author. */
export const StoryAudiences = z.enum(STORY_AUDIENCES);

/** Whose stories make a tray: those of the accounts followed last. */
const MOST_RINGS = 500;
/** How many stories a tray holds in all. */
const MOST_STORIES = 500;

export const StoryView = z.object({
  id: IdText,
  status: z.enum(STORY_STATUSES),
  caption: z.string(),
  videoUrl: z.string().nullable(),
  imageUrl: z.string().nullable(),
  posterUrl: z.string().nullable(),
  publishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
});

export const toStoryView = (story: StoredStory): z.infer<typeof StoryView> => {
  const { videoUrl, imageUrl, posterUrl } = urlsOf(story.media);
  return {
    id: story._id.toHexString(),
    status: story.status,
    caption: story.caption,
    ...{ videoUrl, imageUrl, posterUrl },
    publishedAt: story.publishedAt?.toISOString() ?? null,
    expiresAt: story.expiresAt.toISOString(),
  };
};

/** The live stories of one person, oldest first. */
export const Ring = z.object({
  user: UserCard,
  unseen: z.boolean(),
  stories: z.array(StoryView.extend({ seen: z.boolean() })),
});

/** Who one follows and oneself, as far as they have live stories; unseen first, then the latest. */
export async function trayOf(viewer: Id<'user'>, now: Date): Promise<z.infer<typeof Ring>[]> {
  const followees = await followeesOf(viewer, MOST_RINGS);
  const stories = await Stories.find({
    author: { $in: [viewer, ...followees] },
    status: 'live',
    expiresAt: { $gt: now },
  })
    .sort({ expiresAt: -1, _id: -1 })
    .limit(MOST_STORIES)
    .lean();
  const shown = await visibleAmong(viewer, stories);
  const [cards, seen] = await Promise.all([
    cardsOf(shown.map(({ author }) => author)),
    seenAmong(
      viewer,
      'story',
      shown.map(({ _id }) => _id),
    ),
  ]);
  const rings = [...Map.groupBy(shown, ({ author }) => author.toHexString()).values()].map(
    (own) => {
      const [latest] = own;
      if (!latest) throw new Error('unreachable: a group has a member');
      const views = own
        .map((story) => ({ ...toStoryView(story), seen: seen.has(story._id.toHexString()) }))
        .reverse();
      const unseen = views.some((view) => !view.seen);
      return { user: cardIn(cards, latest.author), unseen, stories: views };
    },
  );
  return rings.sort((one, other) => Number(other.unseen) - Number(one.unseen));
}

async function visibleAmong(
  viewer: Id<'user'>,
  stories: readonly StoredStory[],
): Promise<StoredStory[]> {
  const authors = stories.map(({ author }) => author);
  const [relations, { mutedUsers }] = await Promise.all([
    relationsOf(viewer, authors),
    settingsOf(viewer),
  ]);
  const muted = new Set(mutedUsers.map((user) => user.toHexString()));
  return stories.filter(({ author, audience }) => {
    const relation = relations.get(author.toHexString());
    return relation && canSee(relation, audience) && !muted.has(author.toHexString());
  });
}

/** A live story that the viewer may see. Throws `NotFound`. */
async function visibleStory(viewer: Id<'user'>, id: StoryId, now: Date): Promise<StoredStory> {
  const story = await Stories.findOne({ _id: id, status: 'live', expiresAt: { $gt: now } }).lean();
  if (!story) throw new NotFound();
  if (!canSee(await relationOf(viewer, story.author), story.audience)) throw new NotFound();
  return story;
}

/** Notes that the viewer has seen a story; once more changes nothing. Throws `NotFound`. */
export async function viewStory(viewer: Id<'user'>, id: StoryId, now: Date): Promise<void> {
  const story = await visibleStory(viewer, id, now);
  if (sameId(story.author, viewer)) return;
  try {
    await transaction(async () => {
      if (!(await markSeen(viewer, { type: 'story', id }))) return;
      const ids = { storyId: id, authorId: story.author, userId: viewer };
      await publish(StoryViewed, ids, { now, actor: viewer });
    });
  } catch (error) {
    // Seen on two devices at once.
    if (duplicateKey(error) === undefined) throw error;
  }
}

export const Viewer = z.object({ user: UserCard, at: z.iso.datetime() });

/** Who saw the owner's own story, until its objects are deleted. Throws `NotFound`. */
export async function storyViewers(
  owner: Id<'user'>,
  id: StoryId,
  query: PageQuery,
): Promise<Page<z.infer<typeof Viewer>>> {
  const story = await Stories.findOne({
    _id: id,
    author: owner,
    status: { $ne: 'deleted' },
  }).lean();
  if (!story) throw new NotFound();
  const page = await viewersOf({ type: 'story', id }, query);
  const cards = await cardsOf(page.items.map(viewerOf));
  const items = page.items.map((view) => ({
    user: cardIn(cards, viewerOf(view)),
    at: view.createdAt.toISOString(),
  }));
  return { ...page, items };
}
