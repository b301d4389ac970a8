import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClip } from '#local/clips/clips.ts';
import { intention, PASSWORD, type Person, signIn, upload } from '#local/demo/people.ts';
import { until } from '#local/demo/script.ts';
import { connect } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { featureSome, stockShop } from './catalogue.ts';

interface Film {
  readonly by: 'alice' | 'bob' | 'seller';
  readonly caption: string;
  readonly speech: string;
  readonly seconds: number;
}

const FILMS: readonly Film[] = [
  {
    by: 'alice',
    caption: 'Sunday morning bread, no machine needed #baking #bread',
    speech: 'good morning today we bake a simple bread with flour water and salt',
    seconds: 7,
  },
  {
    by: 'bob',
    caption: 'Three stretches after a long day at the desk #fitness',
    speech: 'stand up and stretch your back then breathe slowly and smile',
    seconds: 6,
  },
  {
    by: 'seller',
    caption: 'How we pack an order in our little shop #smallbusiness',
    speech: 'every order is packed by hand in our shop before it leaves the house',
    seconds: 6,
  },
  {
    by: 'alice',
    caption: 'The garden after the rain #garden #slow',
    speech: 'the rain is over and the garden is green again',
    seconds: 5,
  },
];

/** Each demo account and the name it is known by; names such as `admin` are reserved. */
const USERNAMES = {
  admin: 'ada_runs_this',
  moderator: 'max_moderates',
  seller: 'corner_shop',
  alice: 'alice',
  bob: 'bob',
} as const;
type Name = keyof typeof USERNAMES;
const NAMES = Object.keys(USERNAMES) as Name[];

/**
 * Makes the demo accounts, and a small feed of real videos produced by the pipeline. Safe to run
 * again: what is there stays as it is.
 */
export async function seed(url: string, say: (line: string) => void): Promise<void> {
  const people = new Map<Name, Person>();
  let fresh = false;
  for (const name of NAMES) {
    const { person, isNew } = await signIn(url, USERNAMES[name], `${name}@mixillo.test`);
    people.set(name, person);
    fresh ||= isNew;
  }
  const shop = await giveRoles(people);
  if (fresh)
    say(
      `Demo accounts: ${NAMES.map((name) => `${name}@mixillo.test`).join(', ')}; password ${PASSWORD}`,
    );
  await makeFeed(url, people, say);
  const seller = people.get('seller');
  if (seller) await stockShop(seller, shop, say);
  const admin = people.get('admin');
  if (admin) await featureSome(admin, shop);
}

/** Makes staff of some and a seller of one; returns the id of the seller's shop. */
async function giveRoles(people: ReadonlyMap<Name, Person>): Promise<string> {
  const { grantStaff } = await import('#domain/admin/staff.ts');
  const { openDemoShop } = await import('./shop.ts');
  const { PERMISSIONS } = await import('#platform/access.ts');
  await connect();
  const idOf = (name: Name) => toId<'user'>(people.get(name)?.id ?? '');
  await grantStaff(idOf('admin'), PERMISSIONS);
  await grantStaff(idOf('moderator'), ['users.read', 'queue.read', 'queue.decide']);
  return openDemoShop(idOf('seller'), idOf('admin'));
}

async function makeFeed(
  url: string,
  people: ReadonlyMap<Name, Person>,
  say: (line: string) => void,
): Promise<void> {
  const alice = people.get('alice');
  const bob = people.get('bob');
  if (!alice || !bob) throw new Error('The seed has no alice or no bob');
  const { contents } = await alice.client.contentFeed({ mode: 'latest', limit: 50 });
  const missing = FILMS.filter(({ caption }) => !contents.some((one) => one.caption === caption));
  if (missing.length === 0) return;

  const dir = await mkdtemp(join(tmpdir(), 'mixillo-seed-'));
  try {
    const made: string[] = [];
    for (const [look, { by, caption, speech, seconds }] of missing.entries()) {
      const creator = people.get(by) ?? alice;
      const path = join(dir, `${look}.mp4`);
      await makeClip({ path, seconds, width: 720, height: 1280, fps: 30, speech, look });
      const assetId = await upload(creator, path, 'video', 'video/mp4');
      const { content } = await creator.client.contentCreate({ assetId, caption }, intention());
      made.push(content.id);
    }
    for (const id of made)
      await until(
        'a seeded video to be published',
        180,
        () => alice.client.contentGet({ id }).catch(() => undefined),
        (answer) => answer?.content.status === 'published',
      );
    await bob.client.usersFollow({ id: alice.id });
    await alice.client.usersFollow({ id: bob.id });
    for (const id of made) {
      await bob.client.contentLike({ id });
      await bob.client.contentComment({ id, text: 'Love this one!' });
    }
    say(`Seeded ${made.length} videos; see ${url}/api/content/feed`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
