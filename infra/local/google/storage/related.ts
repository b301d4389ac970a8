import { parseObject } from './receive.ts';
import { badRequest } from './refusal.ts';

export interface Related {
  /** The first part: what the sender says about the object. */
  readonly about: Record<string, unknown>;
  readonly contentType: string | undefined;
  /** The second part, as it arrives. */
  readonly body: AsyncIterable<Buffer>;
}

const mostPreamble = 256 * 1024;
const blank = '\r\n\r\n';

/** Reads `multipart/related` of two parts, metadata and media, holding back only a boundary's length. */
export async function readRelated(
  source: AsyncIterable<Buffer>,
  contentType: string,
): Promise<Related> {
  const boundary = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2] ?? boundary?.[3];
  if (mark === undefined) throw badRequest('Missing multipart boundary.');
  const delimiter = `--${mark}`;
  const reader = source[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  for (;;) {
    const found = preamble(held, delimiter);
    if (found !== undefined) {
      const body = untilDelimiter(reader, held.subarray(found.bodyAt), `\r\n${delimiter}`);
      return { about: found.about, contentType: found.contentType, body };
    }
    const { value, done } = await reader.next();
    if (done === true || held.length > mostPreamble) throw badRequest('Malformed multipart body.');
    held = Buffer.concat([held, value]);
  }
}

function preamble(held: Buffer, delimiter: string) {
  const first = held.indexOf(delimiter);
  const aboutAt = first < 0 ? -1 : held.indexOf(blank, first);
  const second = aboutAt < 0 ? -1 : held.indexOf(`\r\n${delimiter}`, aboutAt + 2);
  const bodyAt = second < 0 ? -1 : held.indexOf(blank, second + 2);
  if (bodyAt < 0) return undefined;
  const about = parseObject(held.subarray(aboutAt + blank.length, second).toString('utf8') || '{}');
  const headers = held.subarray(second, bodyAt).toString('utf8');
  const contentType = /^content-type:\s*(.+?)\s*$/im.exec(headers)?.[1];
  return { about, contentType, bodyAt: bodyAt + blank.length };
}

async function* untilDelimiter(
  reader: AsyncIterator<Buffer>,
  start: Buffer,
  delimiter: string,
): AsyncGenerator<Buffer> {
  let held = start;
  for (;;) {
    const end = held.indexOf(delimiter);
    if (end >= 0) {
      if (end > 0) yield held.subarray(0, end);
      while ((await reader.next()).done !== true);
      return;
    }
    const safe = held.length - delimiter.length + 1;
    if (safe > 0) {
      yield held.subarray(0, safe);
      held = held.subarray(safe);
    }
    const { value, done } = await reader.next();
    if (done === true) throw badRequest('The multipart body ends before its closing boundary.');
    held = held.length === 0 ? value : Buffer.concat([held, value]);
  }
}
