import { Readable } from 'node:stream';
import { AppError } from '@prodigon/contracts';
import {
  EXPORT_FORMATS,
  type ExportedConversation,
  type ExportFormat,
  exportQuerySchema,
} from '@prodigon/contracts/conversations';
import type { ConversationStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { CreateContext } from '../gateway-functions.ts';
import { conversationIdOf, conversationParamsSchema } from '../path-parameters.ts';
import { attachmentHeader, fileNameOf } from './file-name.ts';
import { renderHtml } from './html-export.ts';
import { renderMarkdown } from './markdown-export.ts';
import { exportConversation, exportConversations } from './transfer.operations.ts';

export interface ExportRoutesOptions {
  readonly store: Pick<ConversationStore, 'exportAll'>;
  readonly createContext: CreateContext;
}

/** Milliseconds that a client may take to read all conversations. */
const EXPORT_MS = 3_600_000;

const RENDERERS: Readonly<Record<ExportFormat, (exported: ExportedConversation) => string>> = {
  json: (exported) => `${JSON.stringify(exported, null, 2)}\n`,
  markdown: renderMarkdown,
  html: renderHtml,
};

export function exportRoutes({ store, createContext }: ExportRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;

  return async (app) => {
    app.get(
      '/api/v1/chat/sessions/:id/export',
      {
        config: { ...config, operation: exportConversation },
        schema: { params: conversationParamsSchema, querystring: exportQuerySchema },
      },
      async (request, reply) => {
        const { principal } = createContext(request, reply);
        const { format } = request.query;
        const { mediaType, extension } = EXPORT_FORMATS[format];
        const [exported] = await takeFirst(store.exportAll(principal.id, conversationIdOf(request.params)));
        if (!exported) throw new AppError('CONVERSATION_NOT_FOUND');
        const name = fileNameOf(exported.conversation.title, extension);
        return reply.headers(fileHeaders(name, mediaType)).send(RENDERERS[format](exported));
      },
    );

    app.get('/api/v1/chat/export', { config: { ...config, operation: exportConversations } }, async (request, reply) => {
      const { principal, signal } = createContext(request, reply, EXPORT_MS);
      const conversations = store.exportAll(principal.id)[Symbol.asyncIterator]();
      // A failure of the database before the first conversation is an ordinary error.
      const first = await conversations.next();
      reply.headers(fileHeaders('prodigon-conversations.jsonl', 'application/jsonl; charset=utf-8'));
      return reply.send(Readable.from(linesOf(first, conversations), { signal, objectMode: false }));
    });
  };
}

const fileHeaders = (name: string, mediaType: string) => ({
  'content-type': mediaType,
  'content-disposition': attachmentHeader(name),
  'cache-control': 'no-store',
});

async function takeFirst<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  for await (const value of values) return [value];
  return [];
}

async function* linesOf(
  first: IteratorResult<ExportedConversation>,
  rest: AsyncIterator<ExportedConversation>,
): AsyncGenerator<string> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield `${JSON.stringify(next.value)}\n`;
  } finally {
    await rest.return?.();
  }
}
