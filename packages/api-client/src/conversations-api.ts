import {
  type Attachment,
  attachmentSchema,
  type Conversation,
  type ConversationDetail,
  type ConversationListQuery,
  type ConversationMessage,
  type ConversationQuery,
  type ConversationSearch,
  type ConversationSearchQuery,
  type CreateConversation,
  type CreateMessage,
  type CreateTurn,
  conversationDetailSchema,
  conversationListSchema,
  conversationMessageSchema,
  conversationSchema,
  conversationSearchSchema,
  type ExportFormat,
  type Generation,
  generationSchema,
  type ImportReport,
  importReportSchema,
  type Share,
  type SharedConversation,
  sharedConversationSchema,
  shareSchema,
  type TurnEvent,
  type UpdateConversation,
} from '@prodigon/contracts/conversations';
import { type CallInit, type HttpClient, toQueryString } from './http-client.ts';
import { readFileName, readLinkParameter } from './response-headers.ts';
import { createIdempotencyKey, submitWithRetry } from './retry-submission.ts';
import { createTemplatesApi, type TemplatesApi } from './templates-api.ts';
import { type ResumeOptions, resumeGeneration, streamTurn, type TurnOptions } from './turn-events.ts';
import { createUploadFetch, type UploadProgress } from './upload-fetch.ts';

export { createHttpClient } from './http-client.ts';
export type { TemplatesApi } from './templates-api.ts';
export { positionOf, type ResumeOptions, type TurnOptions } from './turn-events.ts';

type Query<Values> = { readonly [Name in keyof Values]?: Values[Name] | undefined };

export interface CreateOptions {
  /** Repeated requests with the same key create one conversation or message. Random by default. */
  idempotencyKey?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface UploadOptions {
  onProgress?: UploadProgress | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * The conversations of the API key's owner. Those of other owners and missing ones throw `CONVERSATION_NOT_FOUND`, their
 * messages, generations and attachments `NOT_FOUND`.
 */
export interface ConversationsApi {
  /** Returns a page, latest first, and the cursor of the next page. */
  list(
    query?: Query<ConversationListQuery>,
    signal?: AbortSignal,
  ): Promise<{ conversations: Conversation[]; nextAfter: string | null }>;
  /** Creates a conversation. Retries once when the connection fails, which still creates one. */
  create(conversation?: CreateConversation, options?: CreateOptions): Promise<Conversation>;
  get(conversationId: string, query?: Query<ConversationQuery>, signal?: AbortSignal): Promise<ConversationDetail>;
  update(conversationId: string, changes: UpdateConversation, signal?: AbortSignal): Promise<Conversation>;
  remove(conversationId: string, signal?: AbortSignal): Promise<void>;
  removeAll(signal?: AbortSignal): Promise<void>;
  search(query: Query<ConversationSearchQuery> & { q: string }, signal?: AbortSignal): Promise<ConversationSearch>;

  /** Stores a message without a response. Retries once when the connection fails. */
  addMessage(conversationId: string, message: CreateMessage, options?: CreateOptions): Promise<ConversationMessage>;
  updateMessage(conversationId: string, messageId: string, content: string, signal?: AbortSignal): Promise<ConversationMessage>;
  /** Deletes a message and all that follow it. */
  removeMessage(conversationId: string, messageId: string, signal?: AbortSignal): Promise<void>;

  /**
   * Yields the events of a turn up to its `done` or `error`, each part of the response once. Reconnects by itself: before
   * `start` with the same key, afterwards at the position of the last event. An abort does not end the turn.
   */
  turn(conversationId: string, turn: CreateTurn, options?: TurnOptions): AsyncGenerator<TurnEvent>;
  /** Yields the events of a generation after a position, and reconnects by itself. */
  resume(generationId: string, options?: ResumeOptions): AsyncGenerator<TurnEvent>;
  generation(generationId: string, signal?: AbortSignal): Promise<Generation>;
  /** Stops a generation. Its text until then remains. */
  cancel(generationId: string, signal?: AbortSignal): Promise<Generation>;

  readonly templates: TemplatesApi;

  /** Shares the active path as it is now, and replaces an earlier link. */
  share(conversationId: string, signal?: AbortSignal): Promise<Share>;
  unshare(conversationId: string, signal?: AbortSignal): Promise<void>;
  shared(token: string, signal?: AbortSignal): Promise<SharedConversation>;

  /** Returns a conversation as a file with the name that the gateway suggests. */
  exportFile(conversationId: string, format: ExportFormat, signal?: AbortSignal): Promise<{ name: string; blob: Blob }>;
  /** Yields all conversations as JSON lines, in arbitrary chunks. */
  exportAll(signal?: AbortSignal): AsyncGenerator<Uint8Array>;
  /** Imports a file of any format that the gateway recognizes. Importing it twice is harmless. */
  importFile(file: Blob, options?: UploadOptions): Promise<ImportReport>;

  readonly attachments: {
    create(file: Blob, name: string, options?: UploadOptions): Promise<Attachment>;
    get(attachmentId: string, signal?: AbortSignal): Promise<Attachment>;
    content(attachmentId: string, signal?: AbortSignal): Promise<Blob>;
    remove(attachmentId: string, signal?: AbortSignal): Promise<void>;
  };
}

const CHAT = '/api/v1/chat';
const SESSIONS = `${CHAT}/sessions`;

/** Creates a typed client of conversations. Errors are those of `HttpClient`. */
export function createConversationsApi(http: HttpClient): ConversationsApi {
  const remove = async (path: string, signal: AbortSignal | undefined) => {
    await http.call(path, { method: 'DELETE', signal });
  };
  const readBlob = async (path: string, signal: AbortSignal | undefined) => {
    const response = await http.call(path, { signal });
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of http.bodyOf(response, signal)) chunks.push(chunk as Uint8Array<ArrayBuffer>);
    return { response, blob: new Blob(chunks, { type: response.headers.get('content-type') ?? '' }) };
  };

  return {
    async list(query = {}, signal) {
      const response = await http.call(`${SESSIONS}${toQueryString(query)}`, { signal });
      const conversations = await http.parse(response, conversationListSchema, signal);
      return { conversations, nextAfter: readLinkParameter(response.headers, 'next', 'after') };
    },
    create: (conversation = {}, { idempotencyKey = createIdempotencyKey(), signal } = {}) =>
      submitWithRetry(
        () => http.json(SESSIONS, conversationSchema, send('POST', conversation, signal, { 'idempotency-key': idempotencyKey })),
        signal,
      ),
    get: (conversationId, query = {}, signal) =>
      http.json(`${pathOf(conversationId)}${toQueryString(query)}`, conversationDetailSchema, { signal }),
    update: (conversationId, changes, signal) =>
      http.json(pathOf(conversationId), conversationSchema, send('PATCH', changes, signal)),
    remove: (conversationId, signal) => remove(pathOf(conversationId), signal),
    removeAll: (signal) => remove(`${SESSIONS}?confirm=all`, signal),
    search: (query, signal) => http.json(`${CHAT}/search${toQueryString(query)}`, conversationSearchSchema, { signal }),

    addMessage: (conversationId, message, { idempotencyKey = createIdempotencyKey(), signal } = {}) =>
      submitWithRetry(() => {
        const init = send('POST', message, signal, { 'idempotency-key': idempotencyKey });
        return http.json(pathOf(conversationId, '/messages'), conversationMessageSchema, init);
      }, signal),
    updateMessage: (conversationId, messageId, content, signal) =>
      http.json(messagePath(conversationId, messageId), conversationMessageSchema, send('PATCH', { content }, signal)),
    removeMessage: (conversationId, messageId, signal) => remove(messagePath(conversationId, messageId), signal),

    turn: (conversationId, turn, options) => streamTurn(http, conversationId, turn, options),
    resume: (generationId, options) => resumeGeneration(http, generationId, options),
    generation: (generationId, signal) => http.json(generationPath(generationId), generationSchema, { signal }),
    cancel: (generationId, signal) =>
      http.json(`${generationPath(generationId)}/cancel`, generationSchema, { method: 'POST', signal }),

    templates: createTemplatesApi(http),

    share: (conversationId, signal) => http.json(pathOf(conversationId, '/share'), shareSchema, { method: 'POST', signal }),
    unshare: (conversationId, signal) => remove(pathOf(conversationId, '/share'), signal),
    shared: (token, signal) => http.json(`/api/v1/share/${encodeURIComponent(token)}`, sharedConversationSchema, { signal }),

    async exportFile(conversationId, format, signal) {
      const { response, blob } = await readBlob(pathOf(conversationId, `/export${toQueryString({ format })}`), signal);
      return { name: readFileName(response.headers) ?? 'conversation', blob };
    },
    exportAll: (signal) => http.bytes(`${CHAT}/export`, { signal }),
    importFile: (file, options) => http.json(`${CHAT}/import`, importReportSchema, upload(file, options)),

    attachments: {
      create: (file, name, options) =>
        http.json(`${CHAT}/attachments${toQueryString({ name })}`, attachmentSchema, upload(file, options)),
      get: (attachmentId, signal) => http.json(attachmentPath(attachmentId), attachmentSchema, { signal }),
      content: async (attachmentId, signal) => (await readBlob(`${attachmentPath(attachmentId)}/content`, signal)).blob,
      remove: (attachmentId, signal) => remove(attachmentPath(attachmentId), signal),
    },
  };
}

const pathOf = (conversationId: string, rest = '') => `${SESSIONS}/${encodeURIComponent(conversationId)}${rest}`;
const messagePath = (conversationId: string, messageId: string) =>
  pathOf(conversationId, `/messages/${encodeURIComponent(messageId)}`);
const generationPath = (generationId: string) => `/api/v1/generations/${encodeURIComponent(generationId)}`;
const attachmentPath = (attachmentId: string) => `${CHAT}/attachments/${encodeURIComponent(attachmentId)}`;

const send = (
  method: 'POST' | 'PATCH',
  body: unknown,
  signal: AbortSignal | undefined,
  headers: Record<string, string> = {},
): CallInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
  signal,
});

const upload = (body: Blob, { onProgress, signal }: UploadOptions = {}): CallInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/octet-stream' },
  signal,
  fetch: onProgress && createUploadFetch(onProgress),
});
