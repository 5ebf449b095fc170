import { brokenImageError, type CleanImage, sliceOf } from './byte-reader.ts';

const HEADER_BYTES = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** Applications that set how often an animation repeats. */
const ANIMATION = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);

/** Returns a GIF without comments, texts and data of applications, and without what follows its end. */
export function cleanGif(bytes: Buffer): CleanImage {
  const header = sliceOf(bytes, 0, HEADER_BYTES);
  const size = { width: header.readUInt16LE(6), height: header.readUInt16LE(8) };
  let at = HEADER_BYTES + colorTableBytes(header[10] as number);
  const parts = [sliceOf(bytes, 0, at)];
  for (;;) {
    const [kind, label] = sliceOf(bytes, at, at + 2 > bytes.length ? at + 1 : at + 2);
    if (kind === TRAILER) return { bytes: Buffer.concat([...parts, Buffer.from([TRAILER])]), ...size };
    let end: number;
    let isKept = true;
    if (kind === IMAGE) {
      const descriptor = sliceOf(bytes, at, at + 10);
      // A byte with the size of the codes precedes the data.
      end = endOfBlocks(bytes, at + 10 + colorTableBytes(descriptor[9] as number) + 1);
    } else if (kind === EXTENSION) {
      end = endOfBlocks(bytes, at + 2);
      isKept = label === GRAPHIC_CONTROL || (label === APPLICATION && ANIMATION.has(bytes.toString('latin1', at + 3, at + 14)));
    } else throw brokenImageError();
    if (isKept) parts.push(bytes.subarray(at, end));
    at = end;
  }
}

/** The size of a table of colors by the flags of its header. */
const colorTableBytes = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Returns the offset after blocks that begin with their length and end with an empty one. */
function endOfBlocks(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const [length = 0] = sliceOf(bytes, at, at + 1);
    at += 1 + length;
    if (length === 0) return at;
  }
}
