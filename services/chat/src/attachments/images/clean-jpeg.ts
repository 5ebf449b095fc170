import { brokenImageError, type CleanImage, sliceOf } from './byte-reader.ts';

const MARKER = 0xff;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const APPLICATION_0 = 0xe0;
const EXIF = 0xe1;
const COLOR_PROFILE = 0xe2;
const ADOBE = 0xee;
const APPLICATION_15 = 0xef;
const COMMENT = 0xfe;

const isRestart = (code: number) => code >= 0xd0 && code <= 0xd7;
/** Start of a frame, which has the dimensions. The other codes between define tables. */
const isFrame = (code: number) => code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);

/**
 * Returns a JPEG without metadata, and without what follows its end. Keeps the color profile, the color transform and the
 * orientation, without which it looks different.
 */
export function cleanJpeg(bytes: Buffer): CleanImage {
  const parts: Buffer[] = [Buffer.from([MARKER, START_OF_IMAGE])];
  let orientation = 1;
  let size: { width: number; height: number } | undefined;
  let at = 2;
  for (;;) {
    const [marker, code = 0] = sliceOf(bytes, at, at + 2);
    if (marker !== MARKER) throw brokenImageError();
    // A marker may have any number of fill bytes before it.
    if (code === MARKER) {
      at += 1;
      continue;
    }
    if (code === END_OF_IMAGE) break;
    const end = at + 2 + sliceOf(bytes, at + 2, at + 4).readUInt16BE();
    const segment = sliceOf(bytes, at, end);
    if (code === EXIF) orientation = orientationOf(segment) ?? orientation;
    else if (isKept(code, segment)) parts.push(segment);
    if (isFrame(code) && !size)
      size = { height: sliceOf(segment, 5, 7).readUInt16BE(), width: sliceOf(segment, 7, 9).readUInt16BE() };
    at = end;
    if (code !== START_OF_SCAN) continue;
    at = endOfScan(bytes, end);
    parts.push(bytes.subarray(end, at));
  }
  if (!size) throw brokenImageError();
  if (orientation !== 1) parts.splice(1, 0, orientationSegment(orientation));
  return { bytes: Buffer.concat([...parts, Buffer.from([MARKER, END_OF_IMAGE])]), ...size };
}

function isKept(code: number, segment: Buffer): boolean {
  if (code === COMMENT) return false;
  if (code < APPLICATION_0 || code > APPLICATION_15) return true;
  const name = segment.toString('latin1', 4, 16);
  if (code === APPLICATION_0) return name.startsWith('JFIF\0');
  return (code === COLOR_PROFILE && name.startsWith('ICC_PROFILE\0')) || (code === ADOBE && name.startsWith('Adobe'));
}

/** Returns the offset of the marker after compressed data, in which a marker byte is followed by zero. */
function endOfScan(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(MARKER, start); at !== -1 && at + 1 < bytes.length; at = bytes.indexOf(MARKER, at + 1)) {
    const next = bytes[at + 1] as number;
    if (next !== 0 && next !== MARKER && !isRestart(next)) return at;
  }
  throw brokenImageError();
}

const ORIENTATION_TAG = 0x0112;
const EXIF_HEADER = Buffer.from('Exif\0\0', 'latin1');
const ENTRY_BYTES = 12;

/** Returns the orientation (1 to 8) in a segment of Exif data. */
function orientationOf(segment: Buffer): number | undefined {
  if (!segment.subarray(4, 10).equals(EXIF_HEADER)) return undefined;
  const data = segment.subarray(10);
  if (data.length < 8) return undefined;
  const isLittle = data.toString('latin1', 0, 2) === 'II';
  const read16 = (offset: number) =>
    offset + 2 > data.length ? 0 : isLittle ? data.readUInt16LE(offset) : data.readUInt16BE(offset);
  const directory = isLittle ? data.readUInt32LE(4) : data.readUInt32BE(4);
  const count = read16(directory);
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + index * ENTRY_BYTES;
    if (entry + ENTRY_BYTES > data.length) return undefined;
    if (read16(entry) !== ORIENTATION_TAG) continue;
    const value = read16(entry + 8);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** Returns Exif data that contains only the orientation. */
function orientationSegment(orientation: number): Buffer {
  const data = Buffer.alloc(26);
  data.write('MM\0*', 'latin1');
  data.writeUInt32BE(8, 4);
  data.writeUInt16BE(1, 8);
  data.writeUInt16BE(ORIENTATION_TAG, 10);
  data.writeUInt16BE(3, 12);
  data.writeUInt32BE(1, 14);
  data.writeUInt16BE(orientation, 18);
  const header = Buffer.from([MARKER, EXIF, 0, 0]);
  header.writeUInt16BE(2 + EXIF_HEADER.length + data.length, 2);
  return Buffer.concat([header, EXIF_HEADER, data]);
}
