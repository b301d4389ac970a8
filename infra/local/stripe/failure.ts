/** What the vendor calls an error; `fields` is shown to the caller as it is. */
export class Failure extends Error {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(status: number, fields: Readonly<Record<string, unknown>> & { message: string }) {
    super(fields.message);
    this.status = status;
    this.fields = fields;
  }
}

export const invalid = (message: string, code?: string, param?: string, rest: object = {}) =>
  new Failure(400, {
    type: 'invalid_request_error',
    ...(code ? { code, doc_url: `https://stripe.com/docs/error-codes/${code}` } : {}),
    message,
    ...(param ? { param } : {}),
    ...rest,
  });

export const missing = (kind: string, id: string, param = 'id') =>
  new Failure(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
