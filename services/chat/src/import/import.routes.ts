import { IMPORT_LIMITS, importReportSchema } from '@prodigon/contracts/conversations';
import { decodeBody, discardBody, readRequestBody } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { importConversations } from './import.operations.ts';
import type { ImportService } from './import-service.ts';

export interface ImportRoutesOptions {
  readonly imports: ImportService;
  readonly createContext: (request: FastifyRequest, reply: FastifyReply, timeoutMs?: number) => CallContext;
}

/** Milliseconds that the upload and the import of a large file may take. */
const IMPORT_MS = 3_600_000;

export function importRoutes({ imports, createContext }: ImportRoutesOptions): FastifyPluginAsyncZod {
  return async (app) => {
    // The content of a file decides what it is, not its type, which browsers derive from its name.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

    app.post(
      '/api/v1/chat/import',
      {
        config: { access: 'caller', isUpload: true, operation: importConversations },
        schema: { response: { 200: importReportSchema } },
      },
      async (request, reply) => {
        const { raw, headers, record } = request;
        // The unread rest of a rejected file would block the next request on this connection.
        reply.raw.once('finish', () => discardBody(raw));
        const { principal, signal } = createContext(request, reply, IMPORT_MS);
        const file = decodeBody(raw, headers, IMPORT_LIMITS.fileBytesMax) ?? readRequestBody(raw);
        const report = await imports.import(principal.id, file, signal);
        Object.assign(record, { imported: report.imported, unchanged: report.unchanged, failed: report.failed });
        return report;
      },
    );
  };
}
