const MOST_TAGS = 30;
const MOST_MENTIONS = 20;

/** Text as it is stored: composed, without control characters but line ends, and without space around it. */
export const cleanText = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(/[\p{Cc}\u2028\u2029]/gu, (character) => (character === '\n' ? '\n' : ' '))
    .replace(/[\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();

const unique = (found: Iterable<RegExpMatchArray>, most: number): string[] =>
  [...new Set([...found].map(([, word = '']) => word.toLowerCase()))].slice(0, most);

/** What a text is tagged with, without the signs, in lower case, each once. */
export const hashtagsIn = (text: string): string[] =>
  unique(
    text.matchAll(/(?<![\p{L}\p{N}_&/#])#([\p{L}\p{N}_]{1,50})(?![\p{L}\p{N}_])/gu),
    MOST_TAGS,
  );

/** Whom a text names, without the signs, in lower case, each once. */
export const mentionsIn = (text: string): string[] =>
  unique(
    text.matchAll(/(?<![\p{L}\p{N}_.@])@([a-z0-9_](?:[a-z0-9_.]{1,28}[a-z0-9_]))/giu),
    MOST_MENTIONS,
  );
