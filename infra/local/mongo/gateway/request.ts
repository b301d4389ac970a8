import { type Document, decode, type Message } from './wire.ts';

const STRING = 0x02;
const DOCUMENT = 0x03;
const ARRAY = 0x04;
const BINARY = 0x05;
const BOOLEAN = 0x08;
const INT32 = 0x10;
const INT64 = 0x12;
const DOUBLE = 0x01;

/** How many bytes a value of each BSON type takes, where that is fixed. */
const FIXED = new Map([
  [DOUBLE, 8],
  [0x06, 0],
  [0x07, 12],
  [BOOLEAN, 1],
  [0x09, 8],
  [0x0a, 0],
  [INT32, 4],
  [0x11, 8],
  [INT64, 8],
  [0x13, 16],
  [0x7f, 0],
  [0xff, 0],
]);

interface Element {
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

/**
 * A command, of which only the top level is looked at. The engine reads the documents inside, so
 * reading them here as well would only cost time.
 */
export class Request {
  readonly body: Buffer;
  readonly sequence: Buffer | undefined;
  /** The command's name as the driver wrote it. */
  readonly name: string;
  readonly database: string;
  readonly #elements = new Map<string, Element>();

  constructor(message: Pick<Message, 'body' | 'sequence' | 'database'>) {
    this.body = message.body;
    this.sequence = message.sequence;
    this.#scan();
    this.name = this.#elements.keys().next().value ?? '';
    this.database = this.text('$db') ?? message.database ?? 'admin';
  }

  #scan(): void {
    const { body } = this;
    const last = body.readInt32LE(0) - 1;
    for (let at = 4; at < last; ) {
      const type = body[at] ?? 0;
      const nameEnd = body.indexOf(0, at + 1);
      const name = body.toString('latin1', at + 1, nameEnd);
      const end = nameEnd + 1 + this.#size(type, nameEnd + 1);
      if (nameEnd < 0 || end > last) throw new RangeError('a command that is not valid BSON');
      this.#elements.set(name, { type, at: nameEnd + 1, end });
      at = end;
    }
  }

  #size(type: number, at: number): number {
    const fixed = FIXED.get(type);
    if (fixed !== undefined) return fixed;
    const { body } = this;
    switch (type) {
      case STRING:
      case 0x0d:
      case 0x0e:
        return 4 + body.readInt32LE(at);
      case DOCUMENT:
      case ARRAY:
      case 0x0f:
        return body.readInt32LE(at);
      case BINARY:
        return 5 + body.readInt32LE(at);
      case 0x0b:
        return body.indexOf(0, body.indexOf(0, at) + 1) + 1 - at;
      case 0x0c:
        return 4 + body.readInt32LE(at) + 12;
      default:
        throw new RangeError(`a value of unknown BSON type ${type}`);
    }
  }

  has(name: string): boolean {
    return this.#elements.has(name);
  }

  text(name: string): string | undefined {
    const found = this.#elements.get(name);
    if (found?.type !== STRING) return undefined;
    return this.body.toString('utf8', found.at + 4, found.end - 1);
  }

  /** A number of any of BSON's kinds; 64-bit values as far as a double holds them. */
  number(name: string): number | undefined {
    const found = this.#elements.get(name);
    if (found === undefined) return undefined;
    if (found.type === INT32) return this.body.readInt32LE(found.at);
    if (found.type === INT64) return Number(this.body.readBigInt64LE(found.at));
    if (found.type === DOUBLE) return this.body.readDoubleLE(found.at);
    return undefined;
  }

  long(name: string): bigint | undefined {
    const found = this.#elements.get(name);
    if (found?.type === INT64) return this.body.readBigInt64LE(found.at);
    const small = this.number(name);
    return small === undefined ? undefined : BigInt(Math.trunc(small));
  }

  flag(name: string): boolean | undefined {
    const found = this.#elements.get(name);
    return found?.type === BOOLEAN ? this.body[found.at] === 1 : undefined;
  }

  /** An embedded document or array, as its bytes. */
  bytes(name: string): Buffer | undefined {
    const found = this.#elements.get(name);
    if (found?.type !== DOCUMENT && found?.type !== ARRAY) return undefined;
    return this.body.subarray(found.at, found.end);
  }

  document(name: string): Document | undefined {
    const bytes = this.bytes(name);
    return bytes && decode(bytes);
  }

  /** The collection that the command names, or an empty string for a command on a database. */
  get collection(): string {
    return this.text(this.name) ?? '';
  }

  get namespace(): string {
    return `${this.database}.${this.collection}`;
  }

  /** The session, as a key; drivers send a UUID. */
  get session(): string | undefined {
    const lsid = this.bytes('lsid');
    return lsid?.toString('latin1', 4, lsid.length - 1);
  }

  /** Set for retryable writes and for everything inside a transaction. */
  get txnNumber(): bigint | undefined {
    return this.long('txnNumber');
  }

  get inTransaction(): boolean {
    return this.flag('autocommit') === false;
  }
}
