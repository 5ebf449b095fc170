import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@prodigon/contracts';
import type { Configuration } from '@prodigon/platform/configuration';
import type {
  AttachmentStore,
  ConversationChangeFeed,
  ConversationStore,
  GenerationStore,
  PromptTemplateStore,
} from '@prodigon/ports';
import { createConversationChangeFeed } from '../change-feed.ts';
import { createDatabase } from '../create-database.ts';
import { createDatabaseCheck, type DatabaseCheck } from '../database-check.ts';
import { findDatabaseUrls } from '../database-urls.ts';
import { createDiskCheck } from '../disk-space.ts';
import { afterMigration, createLazyMigration } from '../lazy-migration.ts';
import { createPostgresAttachmentStore } from './postgres-attachment-store.ts';
import { createPostgresConversationStore } from './postgres-conversation-store.ts';
import { createPostgresGenerationStore } from './postgres-generation-store.ts';
import { createPostgresPromptTemplateStore } from './postgres-prompt-template-store.ts';

export interface ChatStorage {
  readonly conversations: ConversationStore;
  readonly generations: GenerationStore;
  readonly attachments: AttachmentStore;
  readonly templates: PromptTemplateStore;
  readonly changeFeed: ConversationChangeFeed;
  /** Undefined without a database. */
  readonly check: DatabaseCheck | undefined;
  close(): Promise<void>;
}

export const CHAT_CONNECTIONS_MAX = 5;
/** Longer than any statement of conversations. A generation must notice soon that its writes do not arrive. */
const IDLE_TIMEOUT_MS = 15_000;
const CLOSE_TIMEOUT_MS = 1_000;

type ChatConfiguration = Pick<Configuration, 'DATABASE_URL' | 'DATA_DIR'> & Partial<Pick<Configuration, 'DATABASE_DIRECT_URL'>>;

/**
 * Opens the conversations in the configured database. Does not connect, because chat without conversations works without the
 * database. Migrates the database before its first use.
 */
export function openChatStorage(configuration: ChatConfiguration): ChatStorage {
  const urls = findDatabaseUrls(configuration);
  if (urls === undefined) return createUnavailableStorage();
  const { db, close } = createDatabase({
    url: urls.url,
    isPooled: urls.isPooled,
    connectionsMax: CHAT_CONNECTIONS_MAX,
    isDiskFull: createDiskCheck(configuration),
    idleTimeoutMs: IDLE_TIMEOUT_MS,
  });
  const migrate = createLazyMigration(urls.directUrl, 'tables of conversations');
  const conversations = createPostgresConversationStore(db);
  const changeFeed = createConversationChangeFeed({ url: urls.directUrl });
  const closeAll = async () => {
    await changeFeed.close();
    await close();
  };
  return {
    conversations: {
      ...afterMigration(conversations, migrate),
      async *exportAll(...query) {
        await migrate();
        yield* conversations.exportAll(...query);
      },
    },
    generations: afterMigration(createPostgresGenerationStore(db), migrate),
    attachments: afterMigration(createPostgresAttachmentStore(db), migrate),
    templates: afterMigration(createPostgresPromptTemplateStore(db), migrate),
    changeFeed,
    check: createDatabaseCheck(db),
    // A connection that hangs in a statement must not delay the end of the process.
    close: () => Promise.race([closeAll(), wait(CLOSE_TIMEOUT_MS, undefined, { ref: false })]),
  };
}

const unavailable = async (): Promise<never> => {
  throw new AppError('SERVICE_UNAVAILABLE', 'Conversations are not stored: this service has no DATABASE_URL.');
};

function createUnavailableStorage(): ChatStorage {
  return {
    conversations: {
      create: unavailable,
      list: unavailable,
      get: unavailable,
      update: unavailable,
      suggestTitle: unavailable,
      remove: unavailable,
      removeAll: unavailable,
      addMessage: unavailable,
      updateMessage: unavailable,
      removeMessage: unavailable,
      search: unavailable,
      // biome-ignore lint/correctness/useYield: the iteration fails before its first value.
      async *exportAll() {
        await unavailable();
      },
      importOne: unavailable,
      share: unavailable,
      unshare: unavailable,
      getShared: unavailable,
    },
    generations: { start: unavailable, write: unavailable, finish: unavailable, get: unavailable },
    attachments: {
      create: unavailable,
      get: unavailable,
      getAll: unavailable,
      remove: unavailable,
      takeDeletedFiles: unavailable,
    },
    templates: { create: unavailable, list: unavailable, update: unavailable, remove: unavailable },
    changeFeed: { isConnected: false, subscribe: () => () => {} },
    check: undefined,
    close: async () => {},
  };
}
