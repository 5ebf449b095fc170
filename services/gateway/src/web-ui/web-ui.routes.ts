import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

/** Everything the page needs comes from here; nothing inline, nothing foreign but pictures that a reader asks for. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data: https:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Paths that the page knows; any other is its 404. */
const PAGES = ['/chat', '/read', '/jobs', '/dashboard', '/usage', '/settings'];
const PAGE_PATHS = ['/', ...PAGES.flatMap((page) => [page, `${page}/*`])];
const YEAR_S = 365 * 24 * 3600;

/** The built page: hashed files for ever, the document itself never from a cache. */
export function pageRoutes({ directory }: { directory: string }): FastifyPluginAsync {
  const config = { access: 'public' } as const;
  const schema = { hide: true } as object;

  function sendPage(reply: FastifyReply) {
    if (!existsSync(join(directory, 'index.html'))) {
      throw new AppError('SERVICE_UNAVAILABLE', 'The page has not been built. Run `npm run build`, then reload.');
    }
    reply
      .header('content-security-policy', CONTENT_SECURITY_POLICY)
      .header('referrer-policy', 'same-origin')
      .header('x-content-type-options', 'nosniff')
      .header('cross-origin-opener-policy', 'same-origin');
    return reply.sendFile('index.html', { cacheControl: true, maxAge: 0, immutable: false });
  }

  return async (app) => {
    await app.register(fastifyStatic, { root: directory, serve: false, preCompressed: true });

    for (const path of PAGE_PATHS) app.get(path, { config, schema }, (_request, reply) => sendPage(reply));

    app.get<{ Params: { '*': string } }>('/assets/*', { config, schema }, (request, reply) => {
      reply.header('x-content-type-options', 'nosniff');
      return reply.sendFile(`assets/${request.params['*']}`, { maxAge: YEAR_S * 1_000, immutable: true });
    });

    app.get<{ Params: { '*': string } }>('/*', { config, schema }, (request, reply) => {
      const name = request.params['*'];
      if (/^[\w-]+\.(svg|png|ico|webmanifest|txt|js)$/.test(name) && existsSync(join(directory, name)))
        return reply.sendFile(name);
      const wantsPage = request.headers.accept?.includes('text/html') && !/^(api|v1|openai|internal)\//.test(name);
      if (!wantsPage) return reply.callNotFound();
      return sendPage(reply.code(404));
    });
  };
}
