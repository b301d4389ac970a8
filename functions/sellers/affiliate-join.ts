import { z } from 'zod';
import { joinOffer, OwnOffer } from '#domain/sellers/join-offer.ts';
import { OfferView, toOfferViews } from '#domain/sellers/offer-lists.ts';
import { OfferFull } from '#domain/sellers/save-offer.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Join an offer or accept an invitation, at the rate of this moment.',
  method: 'POST',
  path: '/api/affiliate/offers/:id/join',
  access: 'verified',
  restrictedBy: 'sell',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('offer') }),
  output: z.object({ offer: OfferView }),
  problems: [NotFound, OwnOffer, OfferFull, Conflict],

  handler: async ({ actor, params, now }) => {
    const joined = await joinOffer(actor.id, params.id, now);
    const [offer] = await toOfferViews([joined], actor.id, now);
    if (!offer) throw new NotFound();
    return { offer };
  },
});
