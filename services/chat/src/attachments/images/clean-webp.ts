import { brokenImageError, type CleanImage, sliceOf } from './byte-reader.ts';

const HEADER_BYTES = 12;
const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
/** Flags of the extended header that announce Exif and XMP data. */
const METADATA_FLAGS = 0x08 | 0x04;

/** Returns a WebP image without Exif and XMP data, and without what follows its end. */
export function cleanWebp(bytes: Buffer): CleanImage {
  const end = 8 + sliceOf(bytes, 0, HEADER_BYTES).readUInt32LE(4);
  const parts: Buffer[] = [];
  let size: { width: number; height: number } | undefined;
  for (let at = HEADER_BYTES; at + 8 <= end; ) {
    const header = sliceOf(bytes, at, at + 8);
    const type = header.toString('latin1', 0, 4);
    const length = header.readUInt32LE(4);
    const data = sliceOf(bytes, at + 8, at + 8 + length);
    at += 8 + length + (length % 2);
    if (!KEPT.has(type)) continue;
    size ??= sizeOf(type, data);
    const kept = Buffer.from(data);
    if (type === 'VP8X') kept[0] = (kept[0] as number) & ~METADATA_FLAGS;
    parts.push(header, kept, Buffer.alloc(length % 2));
  }
  if (!size) throw brokenImageError();
  const content = Buffer.concat(parts);
  const riff = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  riff.writeUInt32LE(4 + content.length, 4);
  return { bytes: Buffer.concat([riff, content]), ...size };
}

function sizeOf(type: string, data: Buffer): { width: number; height: number } | undefined {
  if (type === 'VP8X')
    return { width: 1 + sliceOf(data, 4, 7).readUIntLE(0, 3), height: 1 + sliceOf(data, 7, 10).readUIntLE(0, 3) };
  if (type === 'VP8 ')
    return { width: sliceOf(data, 6, 8).readUInt16LE() & 0x3fff, height: sliceOf(data, 8, 10).readUInt16LE() & 0x3fff };
  if (type !== 'VP8L') return undefined;
  // A signature byte, then 14 bits for each side.
  const bits = sliceOf(data, 1, 5).readUInt32LE();
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}
