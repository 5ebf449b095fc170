import { type JobFileFormat, jobFileFormatOf } from '@prodigon/contracts';

/** Where the prompts of a new job come from: what was pasted, or a file. */
export type Source = { type: 'text'; text: string } | { type: 'file'; file: File };

/** How pasted text is read: as it looks, or as its writer says. */
export type PasteFormat = 'auto' | 'txt' | 'jsonl';

const PIECE_CHARACTERS = 64 * 1024;

/** JSON lines show themselves in the first one. */
export function formatOfText(text: string): 'txt' | 'jsonl' {
  const first = /^\s*(\S.*)$/m.exec(text)?.[1]?.trim() ?? '';
  if (/^\{\s*"/.test(first)) return 'jsonl';
  try {
    return typeof JSON.parse(first) === 'string' ? 'jsonl' : 'txt';
  } catch {
    return 'txt';
  }
}

/** Undefined for a file of a kind that makes no job. */
export function formatOf(source: Source, pasteFormat: PasteFormat): JobFileFormat | undefined {
  if (source.type === 'text') return pasteFormat === 'auto' ? formatOfText(source.text) : pasteFormat;
  return jobFileFormatOf(source.file.name) ?? jobFileFormatOf(source.file.type);
}

export async function* bytesOf(source: Source): AsyncGenerator<Uint8Array> {
  if (source.type === 'file') {
    const reader = source.file.stream().getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      await reader.cancel().catch(() => {});
    }
    return;
  }
  // In one piece, so that no character is cut in two; a paste is small enough.
  const bytes = new TextEncoder().encode(source.text);
  for (let from = 0; from < bytes.length; from += PIECE_CHARACTERS) yield bytes.subarray(from, from + PIECE_CHARACTERS);
}

export function isEmpty(source: Source): boolean {
  return source.type === 'text' && source.text.trim() === '';
}
