import { AppError } from '@prodigon/contracts';
import { ATTACHMENT_LIMITS } from '@prodigon/contracts/conversations';
import type { CleanImage } from './byte-reader.ts';
import { cleanGif } from './clean-gif.ts';
import { cleanJpeg } from './clean-jpeg.ts';
import { cleanPng } from './clean-png.ts';
import { cleanWebp } from './clean-webp.ts';

/**
 * The segments of an image say what is metadata, so it is removed without decoding the image: `sharp` does it with a decoder
 * in C for each format, 20 MB of binaries for each platform, and a second compression of photos.
 */
const CLEANERS: Readonly<Record<string, (bytes: Buffer) => CleanImage>> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/gif': cleanGif,
  'image/webp': cleanWebp,
};

export const isImageType = (mediaType: string): boolean => Object.hasOwn(CLEANERS, mediaType);

/**
 * Returns an image without metadata. Throws `VALIDATION_ERROR` for a broken one, and `PAYLOAD_TOO_LARGE` for one that
 * declares more pixels than a program should decode.
 */
export function cleanImage(bytes: Buffer, mediaType: string): CleanImage {
  const image = (CLEANERS[mediaType] as (bytes: Buffer) => CleanImage)(bytes);
  const { width, height } = image;
  if (width === 0 || height === 0) throw new AppError('VALIDATION_ERROR', 'The image has no pixels.');
  const { imageSideMax, imagePixelsMax } = ATTACHMENT_LIMITS;
  if (width > imageSideMax || height > imageSideMax || width * height > imagePixelsMax)
    throw new AppError(
      'PAYLOAD_TOO_LARGE',
      `The image has ${width} × ${height} pixels. The maximum is ${imageSideMax} for each side and ${imagePixelsMax / 1e6} million pixels.`,
    );
  return image;
}
