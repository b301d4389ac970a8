import { setting } from '#domain/system/settings.ts';

/** A name as it is compared: `José  O’Neill` is `jose oneill`. */
export const nameKeyOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\s]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();

/** The names that staff has to look at, as they are compared. */
export const sanctionedKeys = async (): Promise<readonly string[]> =>
  (await setting('sellers.sanctionedNames')).map(nameKeyOf);
