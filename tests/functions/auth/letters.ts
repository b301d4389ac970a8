import type { World } from '../../support/world.ts';

/** The token in the latest letter to this address with this subject. */
export async function mailedToken(world: World, to: string, subject: string): Promise<string> {
  await world.settle();
  const letters = (await world.mails(to)).filter((letter) => letter.subject === subject);
  const token = /#token=([\w-]+)/.exec(letters.at(-1)?.text ?? '')?.[1];
  if (token === undefined) throw new Error(`No letter "${subject}" to ${to}`);
  return token;
}
