import { z } from 'zod';
import { GiftView, giftCatalogue, toGiftView } from '#domain/gifts/catalogue.ts';
import { CoinPack, coinPacks, toCoinPack } from '#domain/wallet/coins.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the packs of coins and the gifts that can be bought.',
  method: 'GET',
  path: '/api/wallet/catalogue',
  access: 'public',
  rateLimit: perAddress(240, 'minute'),
  query: z.object({
    /** The language of names, as `de` or `de-AT`; English where there is none. */
    locale: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z0-9]{2,8})?$/i)
      .default('en'),
  }),
  output: z.object({ packs: z.array(CoinPack), gifts: z.array(GiftView) }),
  cache: 'public, max-age=60, s-maxage=300',

  handler: async ({ query: { locale } }) => {
    const [packs, gifts] = await Promise.all([coinPacks(), giftCatalogue()]);
    const language = locale.slice(0, 2).toLowerCase();
    return {
      packs: packs.map(toCoinPack),
      gifts: gifts.map((gift) => toGiftView(gift, language)),
    };
  },
});
