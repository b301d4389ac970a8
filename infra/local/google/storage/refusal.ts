import type { ServerResponse } from 'node:http';

/** An answer other than the one asked for, in the words Cloud Storage uses. */
export class Refusal extends Error {
  readonly status: number;
  /** The `Code` of the XML API. */
  readonly code: string;
  /** The `reason` of the JSON API. */
  readonly reason: string;
  readonly details: string | undefined;

  constructor(status: number, code: string, reason: string, message: string, details?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export const badRequest = (message: string, code = 'InvalidArgument') =>
  new Refusal(400, code, 'invalid', message);
export const noSuchBucket = () =>
  new Refusal(404, 'NoSuchBucket', 'notFound', 'The specified bucket does not exist.');
export const noSuchObject = (bucket: string, name: string) =>
  new Refusal(404, 'NoSuchKey', 'notFound', `No such object: ${bucket}/${name}`);
export const preconditionFailed = () =>
  new Refusal(
    412,
    'PreconditionFailed',
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
  );
export const tooLarge = (limit: number) =>
  new Refusal(
    400,
    'EntityTooLarge',
    'invalid',
    'Your proposed upload is larger than the maximum allowed object size.',
    `At most ${limit} bytes are accepted.`,
  );
export const tooSmall = (least: number) =>
  new Refusal(
    400,
    'EntityTooSmall',
    'invalid',
    'Your proposed upload is smaller than the minimum allowed object size.',
    `At least ${least} bytes are expected.`,
  );
export const badDigest = (which: string) =>
  new Refusal(
    400,
    'BadDigest',
    'invalid',
    `Provided ${which} hash does not match the calculated one.`,
  );
export const accessDenied = (details: string) =>
  new Refusal(403, 'AccessDenied', 'forbidden', 'Access denied.', details);

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  });
  response.end(text);
}

const escapeXml = (text: string) =>
  text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Answers an error in the dialect of the API that was called. */
export function sendRefusal(
  response: ServerResponse,
  dialect: 'json' | 'xml',
  refusal: Refusal,
): void {
  const { status, code, reason, message, details } = refusal;
  if (dialect === 'json') {
    const errors = [{ message, domain: 'global', reason }];
    sendJson(response, status, { error: { code: status, message, errors } });
    return;
  }
  const extra = details === undefined ? '' : `<Details>${escapeXml(details)}</Details>`;
  const text = `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message>${extra}</Error>`;
  response.writeHead(status, {
    'content-type': 'application/xml; charset=UTF-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'private, max-age=0',
  });
  response.end(text);
}
