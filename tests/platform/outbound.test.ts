import { afterAll, beforeAll, expect, test } from 'vitest';
import { postToStranger, publicOnly } from '#platform/outbound.ts';
import { aPartner, type Partner } from '../support/partner.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let partner: Partner;
beforeAll(async () => {
  world = await startWorld({
    background: false,
    environment: { WEBHOOK_TRUSTED_NETWORKS: '' },
  });
  partner = await aPartner();
});
afterAll(async () => {
  await partner.close();
  await world.stop();
});

const post = (url: string) => postToStranger(url, { body: '{}', headers: {}, timeoutMs: 2000 });

test('a name that resolves to a private address is refused when the connection is made', async () => {
  const refused = await new Promise((resolve) => publicOnly('localhost', {}, resolve));

  expect(refused).toMatchObject({ name: 'AddressRefused' });
});

test('the loopback is refused where the environment does not name it', async () => {
  await expect(post(partner.url)).rejects.toThrow('an address begins with https://');
  await expect(post(partner.url.replace('http:', 'https:'))).rejects.toMatchObject({
    name: 'AddressRefused',
  });
  expect(partner.taken).toEqual([]);
});
