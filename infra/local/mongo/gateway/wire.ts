import { deserialize, serialize } from 'bson';

const HEADER_BYTES = 16;
/** MongoDB's own limit of a message. */
export const MAX_MESSAGE_BYTES = 48_000_000;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;

/** One command as it came over the wire; the documents stay the bytes that the driver wrote. */
export interface Message {
  readonly requestId: number;
  /** OP_QUERY is what drivers greet with before they know the server. */
  readonly legacy: boolean;
  readonly wantsReply: boolean;
  readonly body: Buffer;
  /** The database, where the protocol names it outside of the body. */
  readonly database?: string;
  /** The documents that travelled beside the body (inserts, updates, deletes), one after another. */
  readonly sequence?: Buffer;
}

/** Splits a byte stream into messages; keeps what is not yet complete. */
export class Framer {
  #chunks: Buffer[] = [];
  #length = 0;

  /** Adds a chunk and returns the messages that it completes. Throws on a length that cannot be. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: Buffer[] = [];
    for (let next = this.#take(); next !== undefined; next = this.#take()) messages.push(next);
    return messages;
  }

  #take(): Buffer | undefined {
    if (this.#length < 4) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    const wanted = this.#chunks[0]?.readInt32LE(0) ?? 0;
    if (wanted < HEADER_BYTES || wanted > MAX_MESSAGE_BYTES) {
      throw new RangeError(`a message of ${wanted} bytes cannot be`);
    }
    if (this.#length < wanted) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (all === undefined) return undefined;
    this.#chunks = all.length > wanted ? [all.subarray(wanted)] : [];
    this.#length -= wanted;
    return all.subarray(0, wanted);
  }
}

/** Reads a complete message. Throws when it is not one of the two kinds that drivers send. */
export function readMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const kind = bytes.readInt32LE(12);
  if (kind === OP_MSG) return readOpMsg(bytes, requestId);
  if (kind === OP_QUERY) return readOpQuery(bytes, requestId);
  throw new RangeError(`messages of kind ${kind} are not spoken here`);
}

function readOpMsg(bytes: Buffer, requestId: number): Message {
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  const end = bytes.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Buffer | undefined;
  let sequence: Buffer | undefined;
  for (let at = HEADER_BYTES + 4; at < end; ) {
    const section = bytes[at];
    const size = bytes.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new RangeError('a section runs past its message');
    if (section === 0) {
      body = bytes.subarray(at + 1, at + 1 + size);
    } else if (section === 1) {
      sequence = bytes.subarray(bytes.indexOf(0, at + 5) + 1, at + 1 + size);
    } else {
      throw new RangeError(`sections of kind ${section} are not spoken here`);
    }
    at += 1 + size;
  }
  if (body === undefined) throw new RangeError('a message without a body');
  const wantsReply = (flags & MORE_TO_COME) === 0;
  return { requestId, legacy: false, wantsReply, body, ...(sequence && { sequence }) };
}

function readOpQuery(bytes: Buffer, requestId: number): Message {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  const database = bytes.toString('utf8', HEADER_BYTES + 4, nameEnd).split('.', 1)[0] ?? 'admin';
  const start = nameEnd + 1 + 8;
  const body = bytes.subarray(start, start + bytes.readInt32LE(start));
  return { requestId, legacy: true, wantsReply: true, body, database };
}

let lastReplyId = 0;

/** Frames a reply document in the same kind of message as its request. */
export function writeReply(request: Message, reply: Buffer): Buffer {
  const start = request.legacy ? 36 : 21;
  const bytes = Buffer.allocUnsafe(start + reply.length); // one write, one packet
  reply.copy(bytes, start);
  lastReplyId = (lastReplyId + 1) & 0x7fffffff;
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(lastReplyId, 4);
  bytes.writeInt32LE(request.requestId, 8);
  bytes.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    bytes.writeInt32LE(8, 16); // await-capable, as every server since 2.6
    bytes.fill(0, 20, 32);
    bytes.writeInt32LE(1, 32);
  } else {
    bytes.writeInt32LE(0, 16);
    bytes[20] = 0;
  }
  return bytes;
}

export type Document = Record<string, unknown>;

/** Bytes of a document made here; documents of the engine are passed on as they are. */
export const encode = (document: Document): Buffer => {
  const bytes = serialize(document, { ignoreUndefined: true });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
};

/** Reads a document without rounding 64-bit integers or unwrapping special types. */
export const decode = (bytes: Uint8Array): Document =>
  deserialize(bytes, { promoteValues: false, promoteLongs: false, promoteBuffers: false });

/** Reads a document whose numbers are small, as plain values. */
export const decodePlain = (bytes: Uint8Array): Document => deserialize(bytes);

/** The documents of a sequence, still as bytes. */
export function splitSequence(sequence: Buffer): Buffer[] {
  const documents: Buffer[] = [];
  for (let at = 0; at + 4 < sequence.length; ) {
    const size = sequence.readInt32LE(at);
    if (size < 5) throw new RangeError('a sequence with an impossible document');
    documents.push(sequence.subarray(at, at + size));
    at += size;
  }
  return documents;
}
