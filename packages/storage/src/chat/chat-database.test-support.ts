import { randomUUID, randomUUIDv7 } from 'node:crypto';
import type { CreateTurn, MessagePart } from '@prodigon/contracts/conversations';
import type { GenerationEnd, GenerationHolder, NewGeneration } from '@prodigon/ports';
import { createTestDatabase } from '@prodigon/testing';
import { sql } from 'kysely';
import { onTestFinished } from 'vitest';
import { createDatabase } from '../create-database.ts';
import { createPostgresConversationStore } from './postgres-conversation-store.ts';
import { createPostgresGenerationStore } from './postgres-generation-store.ts';

/** Creates a migrated database, its stores of conversations, and shortcuts for tests. */
export async function openChatDatabase() {
  const { url, drop } = await createTestDatabase({ isMigrated: true });
  const { db, close } = createDatabase({ url });
  onTestFinished(async () => {
    await close();
    await drop();
  });
  const conversations = createPostgresConversationStore(db);
  const generations = createPostgresGenerationStore(db);
  const holder = createHolder();

  /** Starts a generation in the conversation. */
  const start = (
    ownerId: string,
    conversationId: string,
    turn: CreateTurn,
    { holder: by = holder, ...rest }: Partial<NewGeneration> & { holder?: GenerationHolder } = {},
  ) =>
    generations.start(by, {
      generationId: randomUUIDv7(),
      ownerId,
      conversationId,
      requestId: 'request-1',
      model: 'prodigon-sim',
      turn,
      ...rest,
    });

  /** Adds a question and its complete response. Returns the generation. */
  async function ask(ownerId: string, conversationId: string, turn: CreateTurn, response = 'Yes.') {
    const started = await start(ownerId, conversationId, turn);
    await generations.finish(holder, started.generationId, endOf([text(response)]));
    return started;
  }

  /** Makes the lease of a holder expire. */
  async function expire({ id }: GenerationHolder): Promise<void> {
    await sql`update chat.holders set lease_expires_at = now() - interval '1 s' where id = ${id}`.execute(db);
  }

  return { url, db, conversations, generations, holder, start, ask, expire };
}

export const createHolder = (): GenerationHolder => ({ id: randomUUID(), url: 'http://127.0.0.1:1' });

export const text = (value: string): MessagePart => ({ type: 'text', text: value });

export const endOf = (parts: readonly MessagePart[], changes: Partial<GenerationEnd> = {}): GenerationEnd => ({
  status: 'done',
  parts,
  model: 'prodigon-sim',
  provider: 'simulator',
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  estimated: false,
  costUsd: 0.25,
  finishReason: 'stop',
  ttftMs: 12.5,
  latencyMs: 40,
  attempts: 1,
  error: null,
  ...changes,
});

/** A query of the list with its defaults. */
export const LIST = { limit: 50, archived: 'false' } as const;
