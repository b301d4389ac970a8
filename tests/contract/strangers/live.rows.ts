import { giveCoins, goLive } from '../../support/live.ts';
import { hidden, type Stage, type Strangers } from './stage.ts';

let stream: Promise<string> | undefined;
/** The one stream that Alice is broadcasting. */
const streamOf = ({ alice }: Stage): Promise<string> => (stream ??= goLive(alice));

export const rows: Strangers = {
  walletGift: hidden(({ bob, alice }) =>
    bob.post('/api/wallet/gifts', { giftId: 'rose', userId: alice.id }),
  ),

  liveStart: hidden(async (stage) =>
    stage.bob.post('/api/live/start', { streamId: await streamOf(stage) }),
  ),
  liveGet: hidden(async (stage) => stage.bob.get(`/api/live/${await streamOf(stage)}`)),
  liveJoin: hidden(async (stage) => stage.bob.post(`/api/live/${await streamOf(stage)}/join`)),
  liveGift: hidden(async (stage) => {
    await giveCoins(stage.bob, 10);
    return stage.bob.post(`/api/live/${await streamOf(stage)}/gift`, { giftId: 'rose' });
  }),
  liveHeartbeat: hidden(async (stage) =>
    stage.bob.post(`/api/live/${await streamOf(stage)}/heartbeat`, {}),
  ),
  liveEnd: hidden(async (stage) => stage.bob.post(`/api/live/${await streamOf(stage)}/end`, {})),
};
