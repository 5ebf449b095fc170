import { cutText } from '@prodigon/contracts';
import { create } from 'content-disposition';

const NAME_CHARACTERS_MAX = 80;
/** Names of devices in Windows, also with an extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/** Returns a file name for a title that every operating system accepts. Equal titles have equal names. */
export function fileNameOf(title: string, extension: string): string {
  const visible = title
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\ufeff]/gu, ' ')
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/\s+/g, ' ');
  const name = cutText(visible.replace(/^[\s.-]+|[\s.-]+$/g, ''), NAME_CHARACTERS_MAX, '').replace(/[\s.]+$/, '');
  return `${name === '' ? 'conversation' : RESERVED.test(name) ? `_${name}` : name}${extension}`;
}

/** Returns a `Content-Disposition` header (RFC 6266) that downloads a file under this name. */
export const attachmentHeader = (name: string): string => create(name);
