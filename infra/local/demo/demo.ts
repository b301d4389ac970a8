import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClip } from '#local/clips/clips.ts';
import { ApiError } from '../../build/client-runtime.ts';
import { tellCommerce } from './commerce.ts';
import { listen } from './listener.ts';
import { intention, newcomer, type Person, renew, upload } from './people.ts';
import { must, type Story, tellTo, until } from './script.ts';

const SPOKEN = 'welcome to my kitchen today we are making fresh bread';

interface Cast {
  readonly url: string;
  readonly story: Story;
  readonly dir: string;
  readonly creator: Person;
  readonly follower: Person;
}

/**
 * Plays the story of the product against a running stack and checks every sentence of it;
 * resolves with the exit code.
 */
export async function playDemo(url: string, say: (line: string) => void): Promise<number> {
  const began = performance.now();
  const story = tellTo(say);
  const dir = await mkdtemp(join(tmpdir(), 'mixillo-demo-'));
  try {
    const cast = await introduce(url, story, dir);
    await publishVideo(cast);
    await loseStory(cast);
    await moveMoney(cast);
    await tellCommerce({ url, story, dir });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    say(`Demo passed: ${story.told()} steps in ${seconds} s.`);
    return 0;
  } catch (error) {
    say(`Demo failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function introduce(url: string, story: Story, dir: string): Promise<Cast> {
  let creator: Person | undefined;
  let follower: Person | undefined;
  await story.step('Carla registers', async () => {
    creator = await newcomer(url, 'carla');
    return `@${creator.username}`;
  });
  await story.step('Felix registers and follows her', async () => {
    follower = await newcomer(url, 'felix');
    const { following, followerCount } = await follower.client.usersFollow({
      id: creator?.id ?? '',
    });
    must(following && followerCount === 1, 'one follower');
    return `@${follower.username}`;
  });
  must(creator && follower, 'both to be there');
  return { url, story, dir, creator, follower };
}

async function publishVideo({ story, dir, creator, follower }: Cast): Promise<void> {
  const path = join(dir, 'bread.mp4');
  let contentId = '';
  let ears: Awaited<ReturnType<typeof listen>> | undefined;

  await story.step('Carla films a vertical clip and speaks', async () => {
    await makeClip({ path, seconds: 6, width: 1080, height: 1920, fps: 30, speech: SPOKEN });
    return `"${SPOKEN}"`;
  });
  await story.step('She uploads and posts it', async () => {
    const assetId = await upload(creator, path, 'video', 'video/mp4');
    const { content } = await creator.client.contentCreate({ assetId, caption: 'Fresh #bread' });
    contentId = content.id;
    must(content.status === 'processing', `processing, not ${content.status}`);
    return content.id;
  });
  await story.step('Triggers scan, transcode and publish it', async () => {
    const { content } = await until(
      'the video to be published',
      120,
      () => creator.client.contentGet({ id: contentId }),
      (answer) => answer.content.status === 'published',
    );
    const video = await fetch(content.videoUrl ?? '', { headers: { range: 'bytes=0-1023' } });
    must(video.status === 206, `a playable video with ranges, not ${video.status}`);
    must((await fetch(content.posterUrl ?? '')).status === 200, 'a poster');
    return content.videoUrl ?? '';
  });
  await story.step('It carries captions of what was said', async () => {
    const { content } = await until(
      'captions',
      120,
      () => creator.client.contentGet({ id: contentId }),
      (answer) => answer.content.captions.length > 0,
    );
    const text = await (await fetch(content.captions[0]?.url ?? '')).text();
    must(text.startsWith('WEBVTT'), 'a WebVTT track');
    must(/kitchen/i.test(text) && /bread/i.test(text), `the words that were spoken, not ${text}`);
    return text.split('\n').at(-1)?.trim() || text.split('\n').filter(Boolean).at(-1);
  });
  await story.step('Felix finds it in his feed', async () => {
    const { contents } = await follower.client.contentFeed({ mode: 'following' });
    must(contents[0]?.id === contentId, 'the new video on top');
    must(contents[0].creator.username === creator.username, 'its creator');
    return contents[0].caption;
  });
  await story.step('Both listen to realtime channels', async () => {
    const access = await creator.client.realtimeToken({});
    ears = await listen(access, [`user:${creator.id}`, `content:${contentId}`]);
    return `user:${creator.id}`;
  });
  await story.step('He views and likes it; Carla hears of it', async () => {
    await follower.client.contentView({ id: contentId, watchMs: 5000, completed: true });
    const { liked, likeCount } = await follower.client.contentLike({ id: contentId });
    must(liked && likeCount === 1, 'one like');
    const names = ['video:view', 'content:like', 'notification'];
    await until(
      names.join(', '),
      20,
      async () => ears?.heard.map(({ name }) => name) ?? [],
      (heard) => names.every((name) => heard.includes(name)),
    );
    return names.join(', ');
  });
  ears?.close();
}

async function loseStory({ url, story, dir, creator, follower }: Cast): Promise<void> {
  let storyId = '';
  const rings = async () => (await follower.client.storiesTray({})).rings;

  await story.step('Carla posts a story', async () => {
    const path = join(dir, 'story.mp4');
    await makeClip({ path, seconds: 3, width: 540, height: 960, fps: 30, audio: 'tone' });
    const assetId = await upload(creator, path, 'story', 'video/mp4');
    const created = await creator.client.storiesCreate({ assetId });
    storyId = created.story.id;
    await until('the story in his tray', 60, rings, (found) =>
      found.some(({ stories }) => stories.some(({ id }) => id === storyId)),
    );
    return storyId;
  });
  await story.step('24 hours later it is gone', async () => {
    await fetch(`${url}/_local/clock?advanceSeconds=86400`, { method: 'POST' });
    const refused = await follower.client.storiesTray({}).catch((error: unknown) => error);
    must(
      refused instanceof ApiError && refused.code === 'token_expired',
      'the old token to have expired',
    );
    await Promise.all([renew(creator), renew(follower)]);
    const found = (await rings()).flatMap(({ stories }) => stories.map(({ id }) => id));
    must(!found.includes(storyId), 'no story');
    return 'and both renewed their expired tokens';
  });
}

async function moveMoney({ story, creator, follower }: Cast): Promise<void> {
  const balance = async ({ client }: Person) => (await client.walletBalance({})).balance;

  await story.step('Felix tops up 50.00 by card', async () => {
    await follower.client.walletTopup({ amount: 5000, paymentMethod: 'pm_card_visa' }, intention());
    await until(
      '5000 in his wallet',
      20,
      () => balance(follower),
      (amount) => amount === 5000,
    );
    return 'settled by the signed webhook';
  });
  await story.step('A declined card changes nothing', async () => {
    const refused = await follower.client
      .walletTopup({ amount: 5000, paymentMethod: 'pm_card_chargeDeclined' }, intention())
      .catch((error: unknown) => error);
    must(refused instanceof ApiError && refused.status === 402, 'a 402');
    must((await balance(follower)) === 5000, 'the balance as it was');
    return refused.message;
  });
  await story.step('He sends Carla 12.34; sent twice, it is paid once', async () => {
    const order = { to: creator.id, amount: 1234, note: 'great bread' };
    const once = intention();
    const first = await follower.client.walletTransfer(order, once);
    const again = await follower.client.walletTransfer(order, once);
    must(JSON.stringify(first) === JSON.stringify(again), 'the same answer');
    must((await balance(follower)) === 3766, '37.66 left');
    must((await balance(creator)) === 1234, '12.34 received');
    return '37.66 and 12.34';
  });
  await story.step('Nobody can spend what they do not have', async () => {
    const refused = await creator.client
      .walletTransfer({ to: follower.id, amount: 1235 }, intention())
      .catch((error: unknown) => error);
    must(refused instanceof ApiError && refused.code === 'insufficient_balance', 'a refusal');
    return refused.message;
  });
}
