import { isUtf8 } from 'node:buffer';
import { AppError } from '@prodigon/contracts';
import { fileTypeFromBuffer } from 'file-type';
import { isImageType } from './images/clean-image.ts';

export type DetectedType =
  | { readonly kind: 'text'; readonly mediaType: 'text/plain' }
  | { readonly kind: 'pdf'; readonly mediaType: 'application/pdf' }
  | { readonly kind: 'image'; readonly mediaType: string };

/** Returns the type of a file by its content. Throws `UNSUPPORTED_MEDIA_TYPE`. */
export async function detectFileType(bytes: Buffer): Promise<DetectedType> {
  const mime = await fileTypeFromBuffer(bytes).then(
    (type) => type?.mime,
    // Some broken files make it fail.
    () => undefined,
  );
  if (mime === 'application/pdf') return { kind: 'pdf', mediaType: mime };
  // An animated PNG is a PNG.
  const mediaType: string | undefined = mime === 'image/apng' ? 'image/png' : mime;
  if (mediaType !== undefined && isImageType(mediaType)) return { kind: 'image', mediaType };
  if (!bytes.includes(0) && isUtf8(bytes)) return { kind: 'text', mediaType: 'text/plain' };
  const found =
    mime === undefined ? 'The file is neither UTF-8 text nor a known type.' : `Files of the type ${mime} are not supported.`;
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', `${found} Attach text (UTF-8), a PDF, or an image (PNG, JPEG, WebP or GIF).`);
}
