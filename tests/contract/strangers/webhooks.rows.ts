import { randomUUID } from 'node:crypto';
import { aPartner } from '../../support/partner.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { hidden, type Stage, type Strangers } from './stage.ts';

/** A webhook of somebody else’s shop, and a seller who is not its owner. */
async function foreign({ world }: Stage): Promise<{ id: string; seller: Person }> {
  const owner = await world.person('owner');
  await aShop(world, owner);
  const rival = await world.person('rival');
  await aShop(world, rival);
  const partner = await aPartner();
  const wish = { url: partner.url, events: ['order.paid'] };
  const { body } = await owner.post('/api/webhooks', wish, { key: randomUUID() });
  await partner.close();
  return { id: String(body['webhook']?.['id']), seller: rival };
}

export const rows: Strangers = {
  webhooksUpdate: hidden(async (stage) => {
    const { id, seller } = await foreign(stage);
    return seller.put(`/api/webhooks/${id}`, { status: 'paused' });
  }),
  webhooksDelete: hidden(async (stage) => {
    const { id, seller } = await foreign(stage);
    return seller.delete(`/api/webhooks/${id}`);
  }),
  webhooksRedeliver: hidden(async (stage) => {
    const { id, seller } = await foreign(stage);
    return seller.post(`/api/webhooks/${id}/redeliver`, { from: new Date(0).toISOString() });
  }),
  webhooksList: {
    ask: async (stage) => {
      const { id, seller } = await foreign(stage);
      return seller.get(`/api/webhooks?webhook=${id}`);
    },
    told: { status: 200, because: 'a webhook of another shop has sent nothing from this one' },
  },
};
