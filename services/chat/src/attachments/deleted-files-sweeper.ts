import { AppError } from '@prodigon/contracts';
import type { Logger } from '@prodigon/platform';
import type { AttachmentStore, FileStore } from '@prodigon/ports';

export interface DeletedFilesSweeperOptions {
  readonly attachments: Pick<AttachmentStore, 'takeDeletedFiles'>;
  readonly files: Pick<FileStore, 'remove'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly intervalMs?: number;
}

export interface DeletedFilesSweeper {
  /** Deletes the files that no attachment uses any more. A file that cannot be deleted remains for the next time. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** Starts to delete files of deleted attachments, immediately and at an interval. */
export function startDeletedFilesSweeper(options: DeletedFilesSweeperOptions): DeletedFilesSweeper {
  const { attachments, files, logger, intervalMs = 60_000 } = options;
  let running: Promise<void> | undefined;
  let isClosed = false;

  async function sweepOnce(): Promise<void> {
    try {
      await attachments.takeDeletedFiles(({ ownerId, sha256 }) => files.remove(ownerId, sha256));
    } catch (error) {
      const { code } = AppError.from(error);
      // An outage of the database has its own messages.
      if (!isClosed && code !== 'SERVICE_UNAVAILABLE') logger.warn({ code, err: error }, 'Deleted files were not removed');
    }
  }

  function sweep(): Promise<void> {
    running ??= sweepOnce().finally(() => {
      running = undefined;
    });
    return running;
  }

  const timer = setInterval(() => void sweep(), intervalMs).unref();
  void sweep();
  return {
    sweep,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await running;
    },
  };
}
