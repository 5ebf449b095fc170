import { type ApiClient, GatewayConnectionError } from '@prodigon/api-client';
import { AppError } from '@prodigon/contracts';
import type { TurnEvent } from '@prodigon/contracts/conversations';
import { type OpenedFile, uploadFiles } from './attached-files.ts';
import { createConnectionLimit } from './connection-limit.ts';

export interface ChatOptions {
  readonly system?: string | undefined;
  readonly model?: string | undefined;
  readonly max_tokens?: number | undefined;
  readonly temperature?: number | undefined;
}

export interface ConversationChat {
  /** Undefined until the first question of a new conversation. */
  id(): string | undefined;
  /** Makes the next question the first one of a new conversation. */
  startNew(): void;
  /** Sets the model of the next questions. */
  setModel(model: string | undefined): void;
  model(): string | undefined;
  /**
   * Yields the events of the response to a question. When `signal` aborts, it stops the response on the server and throws
   * the reason, or the error of the stop. A conversation whose first question the gateway rejects is deleted.
   */
  ask(content: string, signal: AbortSignal): AsyncGenerator<TurnEvent>;
}

/** Milliseconds that a stop may take, so that an interrupted command ends. */
const CANCEL_TIMEOUT_MS = 5_000;
/** A restarted gateway responds again within seconds. */
const CONNECTION_LOST_MAX_MS = 30_000;

/** Creates the questions and responses of one conversation: the one with the id, or a new one. */
export function createConversationChat({
  client: { conversations },
  options: { system, ...initial },
  files = [],
  conversationId: initialId,
  connectionLostMaxMs = CONNECTION_LOST_MAX_MS,
}: {
  readonly client: Pick<ApiClient, 'conversations'>;
  readonly options: ChatOptions;
  /** Attached to the first question. */
  readonly files?: readonly OpenedFile[];
  readonly conversationId?: string | undefined;
  /** Milliseconds after which a response whose connection stays lost is an error. The server goes on with it. */
  readonly connectionLostMaxMs?: number;
}): ConversationChat {
  let id = initialId;
  let options = initial;
  let attachmentIds: string[] | undefined;
  let hasAttached = files.length === 0;
  let isSystemPending = initialId !== undefined && system !== undefined;

  /** Returns the id of the conversation, with the system prompt and the uploaded files for the next question. */
  async function prepare(signal: AbortSignal): Promise<string> {
    if (!hasAttached) attachmentIds ??= await uploadFiles(conversations, files, signal);
    const isPending = isSystemPending;
    isSystemPending = false;
    if (id === undefined) return (await conversations.create({ system_prompt: system, ...options }, { signal })).id;
    if (isPending) await conversations.update(id, { system_prompt: system }, signal);
    return id;
  }

  /** A response that has not started yet is known only to the server. */
  async function findRunning(conversationId: string, signal: AbortSignal): Promise<string | undefined> {
    const last = (await conversations.get(conversationId, { limit: 1 }, signal)).messages.at(-1);
    return last?.status === 'streaming' ? (last.generation_id ?? undefined) : undefined;
  }

  async function stop(conversationId: string, generationId: string | undefined): Promise<void> {
    const signal = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
    try {
      const running = generationId ?? (await findRunning(conversationId, signal));
      if (running !== undefined) await conversations.cancel(running, signal);
    } catch (cause) {
      throw new AppError('SERVICE_UNAVAILABLE', 'The gateway did not confirm that the response stopped.', { cause });
    }
  }

  return {
    id: () => id,
    startNew() {
      id = undefined;
    },
    setModel(model) {
      options = { ...options, model };
    },
    model: () => options.model,
    async *ask(content, signal) {
      const isNew = id === undefined;
      const conversationId = await prepare(signal).catch((error: unknown) => {
        throw isNew ? explainUnavailable(error) : error;
      });
      id = conversationId;
      let generationId: string | undefined;
      const connection = createConnectionLimit(connectionLostMaxMs, signal);
      const streamOptions = { signal: connection.signal, onConnection: connection.setConnected };
      try {
        const turn = { content, attachment_ids: hasAttached ? undefined : attachmentIds, ...options };
        for await (const event of conversations.turn(conversationId, turn, streamOptions)) {
          if (event.event === 'start') generationId = event.data.generation_id;
          hasAttached = true;
          yield event;
        }
      } catch (error) {
        if (signal.aborted) await stop(conversationId, generationId);
        else if (isNew && generationId === undefined && isFromGateway(error)) {
          id = undefined;
          // The user needs the error of the question, not that of the conversation that remains empty.
          await conversations.remove(conversationId).catch(() => {});
        }
        throw error;
      } finally {
        connection.close();
      }
    },
  };
}

const isFromGateway = (error: unknown): error is AppError =>
  error instanceof AppError && !(error instanceof GatewayConnectionError);

/** Without its database, the platform responds to prompts but stores no conversations. */
export function explainUnavailable(error: unknown): unknown {
  if (!isFromGateway(error) || error.code !== 'SERVICE_UNAVAILABLE') return error;
  const advice = 'To get a response without a conversation, run: ./prodigon chat --no-save "<prompt>"';
  return new AppError('SERVICE_UNAVAILABLE', `${error.message} ${advice}`, { cause: error });
}
