import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { checkJobFile, type JobFileCheck, type JobFileFormat, jobFileFormatOf } from '@prodigon/contracts';
import type { CommandContext } from '../../command.ts';
import { UsageError } from '../../usage-error.ts';

export interface CheckedJobFile {
  readonly format: JobFileFormat;
  readonly blob: Blob;
  readonly check: JobFileCheck;
}

/** Reads and checks a whole file, or standard input for `-`. Throws a `UsageError` when it is unreadable. */
export async function readCheckedJobFile(
  path: string,
  formatName: string | undefined,
  { stdin }: Pick<CommandContext, 'stdin'>,
): Promise<CheckedJobFile> {
  if (path === '-') return readOnce(formatOf(path, formatName), stdin);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read (${error.code}).`);
  });
  if (found.isDirectory()) throw new UsageError(`${path} is a directory.`);
  const format = formatOf(path, formatName);
  // A pipe has no size and can be read only once.
  if (!found.isFile()) return readOnce(format, createReadStream(path));
  const blob = await openAsBlob(path).catch(() => {
    throw new UsageError(`${path} cannot be read.`);
  });
  return { format, blob, check: await checkJobFile(format, blob.stream()) };
}

/** Keeps the content in memory, because it is sent only after every line is valid. */
async function readOnce(format: JobFileFormat, source: AsyncIterable<Uint8Array>): Promise<CheckedJobFile> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  async function* kept() {
    for await (const chunk of source) {
      chunks.push(Uint8Array.from(chunk));
      yield chunk;
    }
  }
  const check = await checkJobFile(format, kept());
  return { format, check, blob: new Blob(chunks) };
}

function formatOf(path: string, name: string | undefined): JobFileFormat {
  const format = name === undefined ? jobFileFormatOf(path) : jobFileFormatOf(`.${name}`);
  if (format) return format;
  if (name !== undefined) throw new UsageError(`--format must be jsonl, csv or txt, not "${name}".`);
  throw new UsageError(
    path === '-'
      ? 'Name the format of standard input: --format jsonl, csv or txt.'
      : `${path} does not end in .jsonl, .csv or .txt. Name its format: --format jsonl, csv or txt.`,
  );
}
