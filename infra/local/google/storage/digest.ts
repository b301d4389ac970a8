import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Sums {
  readonly size: number;
  /** Base64 of the four bytes, big-endian, as Cloud Storage writes it. */
  readonly crc32c: string;
  readonly md5Hash: string;
}

/** Castagnoli's polynomial, reflected. */
const polynomial = 0x82f63b78;

/** Eight tables, so that eight bytes are folded in at once. */
const tables = buildTables();

function buildTables(): Int32Array {
  const built = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1)
      value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    built[byte] = value;
  }
  for (let at = 256; at < built.length; at += 1) {
    const previous = built[at - 256] ?? 0;
    built[at] = (previous >>> 8) ^ (built[previous & 0xff] ?? 0);
  }
  return built;
}

/** Tables are read with `| 0`, which costs nothing and is what the engine does anyway. */
const look = (table: number, byte: number) => (tables[(table << 8) | byte] as number) | 0;

function crc32c(previous: number, data: Uint8Array): number {
  let crc = ~previous;
  let at = 0;
  const byte = (offset: number) => (data[at + offset] as number) | 0;
  for (; at + 8 <= data.length; at += 8) {
    crc ^= byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
    crc =
      look(7, crc & 0xff) ^
      look(6, (crc >>> 8) & 0xff) ^
      look(5, (crc >>> 16) & 0xff) ^
      look(4, crc >>> 24) ^
      look(3, byte(4)) ^
      look(2, byte(5)) ^
      look(1, byte(6)) ^
      look(0, byte(7));
  }
  for (; at < data.length; at += 1) crc = (crc >>> 8) ^ look(0, (crc ^ byte(0)) & 0xff);
  return ~crc;
}

/** Counts and sums bytes as they pass. */
export class Digest {
  readonly #md5 = createHash('md5');
  #crc = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  update(data: Uint8Array): void {
    this.#md5.update(data);
    this.#crc = crc32c(this.#crc, data);
    this.#size += data.length;
  }

  sums(): Sums {
    const crc = Buffer.alloc(4);
    crc.writeInt32BE(this.#crc | 0);
    return {
      size: this.#size,
      crc32c: crc.toString('base64'),
      md5Hash: this.#md5.copy().digest('base64'),
    };
  }

  /** The digest of a file that lies there already. */
  static async ofFile(path: string): Promise<Digest> {
    const digest = new Digest();
    for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
    return digest;
  }
}
