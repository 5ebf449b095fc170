import { brokenImageError, type CleanImage, sliceOf } from './byte-reader.ts';

const SIGNATURE_BYTES = 8;
/** Length and type before the data of a chunk, and a checksum after it. */
const CHUNK_OVERHEAD_BYTES = 12;

/** Chunks that change what is seen: data, colors, transparency, size of a pixel, animation. Others hold text, times or Exif data. */
const KEPT = new Set('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs acTL fcTL fdAT'.split(' '));

/** Returns a PNG without metadata, and without what follows its end. */
export function cleanPng(bytes: Buffer): CleanImage {
  const parts = [sliceOf(bytes, 0, SIGNATURE_BYTES)];
  let size: { width: number; height: number } | undefined;
  for (let at = SIGNATURE_BYTES; ; ) {
    const header = sliceOf(bytes, at, at + 8);
    const type = header.toString('latin1', 4);
    const end = at + CHUNK_OVERHEAD_BYTES + header.readUInt32BE();
    const chunk = sliceOf(bytes, at, end);
    if (type === 'IHDR' && !size)
      size = { width: sliceOf(chunk, 8, 12).readUInt32BE(), height: sliceOf(chunk, 12, 16).readUInt32BE() };
    if (!size) throw brokenImageError();
    if (KEPT.has(type)) parts.push(chunk);
    if (type === 'IEND') return { bytes: Buffer.concat(parts), ...size };
    at = end;
  }
}
