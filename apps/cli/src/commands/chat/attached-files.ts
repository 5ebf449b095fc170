import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ConversationsApi } from '@prodigon/api-client';
import { ATTACHMENT_LIMITS, CONVERSATION_LIMITS } from '@prodigon/contracts/conversations';
import { UsageError } from '../../usage-error.ts';

export interface OpenedFile {
  readonly name: string;
  readonly blob: Blob;
}

/** Opens the files to attach. Throws a `UsageError` when one is unreadable or too large, before anything is sent. */
export async function openFiles(paths: readonly string[]): Promise<OpenedFile[]> {
  const { attachmentsMax } = CONVERSATION_LIMITS;
  if (paths.length > attachmentsMax) throw new UsageError(`A question can have ${attachmentsMax} files.`);
  return Promise.all(paths.map(openFile));
}

async function openFile(path: string): Promise<OpenedFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read (${error.code}).`);
  });
  if (!found.isFile()) throw new UsageError(`${path} is not a file.`);
  const { fileBytesMax } = ATTACHMENT_LIMITS;
  if (found.size > fileBytesMax) throw new UsageError(`${path} is larger than ${fileBytesMax / 1024 ** 2} MiB.`);
  const blob = await openAsBlob(path).catch(() => {
    throw new UsageError(`${path} cannot be read.`);
  });
  return { name: basename(path), blob };
}

/** Uploads files in their order, and returns the ids of the attachments. */
export async function uploadFiles(
  { attachments }: Pick<ConversationsApi, 'attachments'>,
  files: readonly OpenedFile[],
  signal: AbortSignal,
): Promise<string[]> {
  const ids: string[] = [];
  for (const { name, blob } of files) ids.push((await attachments.create(blob, name, { signal })).id);
  return ids;
}
