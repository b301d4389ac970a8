import { Readable } from 'node:stream';
import type { UploadedFile } from './endpoint.ts';
import type { IncomingRequest } from './http.ts';
import { MalformedRequest, TooLarge, ValidationFailed } from './problem.ts';

interface Form {
  readonly fields: Readonly<Record<string, string>>;
  readonly file: UploadedFile;
}

/** Reads a form with one file. Throws a 4xx problem for anything else. */
export async function parseMultipart(
  req: IncomingRequest,
  { field, maxBytes }: { readonly field: string; readonly maxBytes: number },
): Promise<Form> {
  const { Busboy } = await import('@fastify/busboy');
  const fields: Record<string, string> = Object.create(null);
  let file: UploadedFile | undefined;
  let refusal: Error | undefined;

  await new Promise<void>((resolve, reject) => {
    const form = new Busboy({
      headers: { ...req.headers, 'content-type': req.headers['content-type'] ?? '' },
      limits: { files: 1, fields: 50, fieldSize: 64 * 1024, fileSize: maxBytes, parts: 60 },
    });
    form.on('field', (name, value) => {
      fields[name] = value;
    });
    form.on('file', (name, stream, filename, _encoding, contentType) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('limit', () => {
        refusal = new TooLarge({ limitBytes: maxBytes, field });
      });
      stream.on('end', () => {
        if (name !== field) refusal ??= new ValidationFailed({ field: name });
        file = { name: filename ?? '', contentType, bytes: Buffer.concat(chunks) };
      });
    });
    form.on('filesLimit', () => {
      refusal ??= new ValidationFailed({ field, details: [`${field}: one file only`] });
    });
    form.on('error', (cause: unknown) => reject(new MalformedRequest({ cause })));
    form.on('finish', () => resolve());
    Readable.from([req.rawBody ?? Buffer.alloc(0)]).pipe(form);
  }).catch((cause: unknown) => {
    throw cause instanceof MalformedRequest ? cause : new MalformedRequest({ cause });
  });

  if (refusal) throw refusal;
  if (!file) throw new ValidationFailed({ field, details: [`${field}: a file is required`] });
  return { fields, file };
}
