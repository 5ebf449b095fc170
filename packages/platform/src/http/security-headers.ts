import fp from 'fastify-plugin';

/**
 * Headers of every response, because it may contain prompts. A route of static files replaces `cache-control`. Other
 * websites cannot embed a response; `Cross-Origin-Resource-Policy` does not apply to the requests that CORS allows.
 */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Sends `SECURITY_HEADERS` with every response that a hook or a route sends. */
export const securityHeaders = fp(async (app) => {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SECURITY_HEADERS);
    done();
  });
});
