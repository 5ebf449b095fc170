import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { AppError } from '@prodigon/contracts';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

/** Allows resources of this origin only, and images of any HTTPS origin because Markdown can link to them. */
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

/** Routes of the web UI. Any other path shows its 404 page. */
const WEB_ROUTES = ['/chat', '/read', '/jobs', '/dashboard', '/usage', '/settings'];
const WEB_UI_PATHS = ['/', ...WEB_ROUTES.flatMap((route) => [route, `${route}/*`])];
const YEAR_S = 365 * 24 * 3600;

/** Serves the built web UI. Hashed assets are cached forever, the HTML document is revalidated on every load. */
export function webUiRoutes({ directory }: { directory: string }): FastifyPluginAsync {
  const config = { access: 'public' } as const;
  const schema = { hide: true } as object;

  function sendDocument(reply: FastifyReply) {
    if (!existsSync(join(directory, 'index.html'))) {
      throw new AppError('SERVICE_UNAVAILABLE', 'The web UI is not built. Run `npm run build`, then reload.');
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

    for (const path of WEB_UI_PATHS) app.get(path, { config, schema }, (_request, reply) => sendDocument(reply));

    app.get<{ Params: { '*': string } }>('/assets/*', { config, schema }, (request, reply) => {
      reply.header('x-content-type-options', 'nosniff');
      return reply.sendFile(`assets/${request.params['*']}`, { maxAge: YEAR_S * 1_000, immutable: true });
    });

    app.get<{ Params: { '*': string } }>('/*', { config, schema }, (request, reply) => {
      const name = request.params['*'];
      if (/^[\w-]+\.(svg|png|ico|webmanifest|txt|js)$/.test(name) && existsSync(join(directory, name)))
        return reply.sendFile(name);
      const wantsHtml = request.headers.accept?.includes('text/html') && !/^(api|v1|openai|internal)\//.test(name);
      if (!wantsHtml) return reply.callNotFound();
      return sendDocument(reply.code(404));
    });
  };
}
