import type { Logger } from '@prodigon/platform';
import type { AttachmentStore, ConversationStore, FileStore } from '@prodigon/ports';
import type { FastifyPluginAsync } from 'fastify';
import { createAttachmentReader } from './attachments/attachment-content.ts';
import { createAttachmentService } from './attachments/attachment-service.ts';
import { attachmentsRoutes } from './attachments/attachments.routes.ts';
import { startDeletedFilesSweeper } from './attachments/deleted-files-sweeper.ts';
import { createPdfTextReader } from './attachments/pdf-text.ts';
import type { CreateContext } from './gateway-functions.ts';
import { importRoutes } from './import/import.routes.ts';
import { createImportService } from './import/import-service.ts';
import type { ReadAttachments } from './turns/conversation-history.ts';

export interface ChatFilesDependencies {
  readonly conversations: Pick<ConversationStore, 'importOne'>;
  readonly attachments: AttachmentStore;
  readonly files: FileStore;
  /** Folder for the uploads of running imports. */
  readonly importsDirectory: string;
  readonly createContext: CreateContext;
  readonly logger: Pick<Logger, 'warn'>;
}

export interface ChatFiles {
  /** Public routes. */
  readonly plugins: readonly FastifyPluginAsync[];
  /** For turns. */
  readonly readAttachments: ReadAttachments;
  close(): Promise<void>;
}

/** Creates the files of conversations: attachments and imports. Deletes the files of deleted attachments until it is closed. */
export function createChatFiles({
  conversations,
  attachments,
  files,
  importsDirectory,
  createContext,
  logger,
}: ChatFilesDependencies): ChatFiles {
  const service = createAttachmentService({ attachments, files, readPdfText: createPdfTextReader() });
  const imports = createImportService({ conversations, directory: importsDirectory });
  const sweeper = startDeletedFilesSweeper({ attachments, files, logger });
  return {
    plugins: [
      attachmentsRoutes({ attachments: service, createContext }),
      importRoutes({ imports, createContext }),
    ] as FastifyPluginAsync[],
    readAttachments: createAttachmentReader({ attachments, files }),
    close: () => sweeper.close(),
  };
}
