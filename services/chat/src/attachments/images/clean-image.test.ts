import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { gifOf, jpegOf, pngOf, webpOf } from '../attachments.test-support.ts';
import { cleanImage } from './clean-image.ts';

const SECRET = 'secret place 52.5200,13.4050';
const IMAGES = {
  'image/png': pngOf(3, 2, SECRET),
  'image/jpeg': jpegOf(3, 2, SECRET),
  'image/gif': gifOf(3, 2, SECRET),
  'image/webp': webpOf(3, 2, SECRET),
} as const;

describe('cleanImage', () => {
  it.each(Object.entries(IMAGES))('removes metadata and what follows the end, and reads the size: %s', (mediaType, bytes) => {
    expect(bytes.includes(SECRET)).toBe(true);
    const image = cleanImage(bytes, mediaType);
    expect(image).toMatchObject({ width: 3, height: 2 });
    expect(image.bytes.includes('secret')).toBe(false);
    expect(cleanImage(image.bytes, mediaType).bytes).toEqual(image.bytes);
  });

  it('keeps everything else of an image byte for byte', () => {
    expect(cleanImage(IMAGES['image/png'], 'image/png').bytes).toEqual(pngOf(3, 2));
    const { bytes: jpeg } = cleanImage(IMAGES['image/jpeg'], 'image/jpeg');
    expect(jpeg.includes('ICC_PROFILE')).toBe(true);
    expect(jpeg.includes(Buffer.from([1, 0xff, 0, 2, 0xff, 0xd0, 3, 0xff, 0xda]))).toBe(true);
    expect(jpeg.subarray(-4)).toEqual(Buffer.from([4, 5, 0xff, 0xd9]));
    const { bytes: gif } = cleanImage(IMAGES['image/gif'], 'image/gif');
    expect(gif.includes('NETSCAPE2.0')).toBe(true);
    const { bytes: webp } = cleanImage(IMAGES['image/webp'], 'image/webp');
    expect(webp.readUInt32LE(4)).toBe(webp.length - 8);
    expect(webp[20]).toBe(0x20);
  });

  it('keeps the orientation of a photo', () => {
    const { bytes } = cleanImage(jpegOf(3, 2, SECRET, 6), 'image/jpeg');
    const start = bytes.indexOf('Exif\0\0MM\0*');
    expect(bytes.readUInt16BE(start + 6 + 18)).toBe(6);
    expect(cleanImage(bytes, 'image/jpeg').bytes).toEqual(bytes);
  });

  it.each([
    ['wide', pngOf(ATTACHMENT_LIMITS.imageSideMax + 1, 1)],
    ['high', pngOf(1, ATTACHMENT_LIMITS.imageSideMax + 1)],
    ['large', pngOf(10_000, 10_000)],
  ])('rejects an image that is too %s to decode', (_name, bytes) => {
    expect(() => cleanImage(bytes, 'image/png')).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
  });

  it('rejects an image without pixels', () => {
    expect(() => cleanImage(pngOf(0, 1), 'image/png')).toThrow('The image has no pixels.');
  });

  it.each(Object.entries(IMAGES))('rejects every cut image and survives every changed byte: %s', (mediaType, bytes) => {
    const codes = new Set<string>();
    const clean = (changed: Buffer) => {
      try {
        cleanImage(changed, mediaType);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        codes.add(error.code);
      }
    };
    const end = bytes.lastIndexOf(SECRET);
    for (let length = 12; length < end; length += 1) {
      expect(() => cleanImage(bytes.subarray(0, length), mediaType), `cut at ${length}`).toThrow(AppError);
    }
    for (let at = 0; at < bytes.length; at += 1) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        clean(changed);
      }
    }
    expect([...codes]).not.toContain('INTERNAL_ERROR');
  });
});
