import { existsSync } from 'node:fs';
import { join } from 'node:path';
import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { AppError, GATEWAY_PREFIXES, WEB_UI_ROUTES } from '@prodigon/contracts';
import type { FastifyPluginAsync, FastifyReply } from 'fastify';

const SECURITY_HEADERS: FastifyHelmetOptions = {
  global: false,
  /** Allows resources of this origin only, and images of any HTTPS origin because Markdown can link to them. */
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      fontSrc: ["'self'"],
      imgSrc: ["'self'", 'data:', 'blob:', 'https:'],
      connectSrc: ["'self'"],
      workerSrc: ["'self'"],
      frameSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  referrerPolicy: { policy: 'same-origin' },
  // The proxy in front of Prodigon decides whether the host requires HTTPS.
  strictTransportSecurity: false,
};

/**
 * The frame that draws diagrams needs inline styles. It runs on an origin of its own, and its only downloads are scripts of this
 * origin.
 */
const DIAGRAM_FRAME = {
  path: '/diagram-frame.html',
  policy:
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts",
};

/** The scripts of the frame, which its origin may download although it is another one. */
const FRAME_SCRIPT = /^(?:diagram-frame|mermaid\.tiny[\w.-]*)\.js$/;

/** Paths that always return the web UI. An unknown path returns its 404 page. */
const WEB_UI_PATHS = ['/', ...Object.values(WEB_UI_ROUTES).flatMap((route) => [route, `${route}/*`])];
const YEAR_S = 365 * 24 * 3600;

/** Serves the built web UI. Hashed assets are cached forever, the HTML document is revalidated on every load. */
export function webUiRoutes({ directory }: { directory: string }): FastifyPluginAsync {
  const config = { access: 'public' } as const;
  const publicFile = { ...config, isPublicFile: true } as const;
  const schema = { hide: true } as object;

  async function sendDocument(reply: FastifyReply): Promise<FastifyReply> {
    if (!existsSync(join(directory, 'index.html'))) {
      throw new AppError('SERVICE_UNAVAILABLE', 'The web UI is not built. Run `npm run build`, then reload.');
    }
    await reply.helmet();
    return reply.sendFile('index.html', { cacheControl: true, maxAge: 0, immutable: false });
  }

  function allowFrameScript(name: string, reply: FastifyReply): FastifyReply {
    return FRAME_SCRIPT.test(name) ? reply.header('cross-origin-resource-policy', 'cross-origin') : reply;
  }

  return async (app) => {
    await app.register(helmet, SECURITY_HEADERS);
    await app.register(fastifyStatic, { root: directory, serve: false, preCompressed: true });

    for (const path of WEB_UI_PATHS) app.get(path, { config, schema }, (_request, reply) => sendDocument(reply));

    app.get(DIAGRAM_FRAME.path, { config, schema }, (_request, reply) =>
      reply.header('content-security-policy', DIAGRAM_FRAME.policy).sendFile('diagram-frame.html'),
    );

    app.get('/diagram-frame.js', { config: publicFile, schema }, (_request, reply) =>
      allowFrameScript('diagram-frame.js', reply).sendFile('diagram-frame.js'),
    );

    app.get<{ Params: { '*': string } }>('/assets/*', { config: publicFile, schema }, (request, reply) =>
      allowFrameScript(request.params['*'], reply).sendFile(`assets/${request.params['*']}`, {
        maxAge: YEAR_S * 1_000,
        immutable: true,
      }),
    );

    app.get<{ Params: { '*': string } }>('/*', { config, schema }, (request, reply) => {
      const name = request.params['*'];
      if (/^[\w-]+\.(svg|png|ico|webmanifest|txt|js)$/.test(name) && existsSync(join(directory, name))) {
        return reply.sendFile(name);
      }
      const acceptsHtml = request.headers.accept?.includes('text/html');
      if (!acceptsHtml || isGatewayPath(`/${name}`)) return reply.callNotFound();
      return sendDocument(reply.code(404));
    });
  };
}

function isGatewayPath(path: string): boolean {
  return GATEWAY_PREFIXES.some((prefix) => path.startsWith(`${prefix}/`));
}
