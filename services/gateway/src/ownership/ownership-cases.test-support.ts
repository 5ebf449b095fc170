import { WEB_UI_ROUTES } from '@prodigon/contracts';
import { WORKSHOP_OPERATIONS } from '@prodigon/contracts/workshop';
import { FAST } from '../jobs/jobs.test-support.ts';

/** What belongs to an owner. The names of both start with `canary-<owner>`. */
export type OwnedObject =
  | 'finished job'
  | 'running job'
  | 'cancelled job'
  | 'key'
  | 'conversation'
  | 'attachment'
  | 'message'
  | 'template'
  | 'finished response'
  | 'running response';

/** The declared case of a route: who may call it, and which data its response may contain. */
export type OwnershipCase =
  /** Anyone may call the route. Its response contains no data of an owner. */
  | { readonly kind: 'public'; readonly reason: string }
  /** Monitoring tools may call the route. */
  | { readonly kind: 'operator'; readonly reason: string }
  /** Only admins may call the route. Clients on other machines may not, with `isLocal`. */
  | { readonly kind: 'admin'; readonly isLocal?: boolean; readonly body?: object }
  /** The route is about one object. Foreign objects and missing ones get the same response. */
  | { readonly kind: 'owned'; readonly object: OwnedObject; readonly query?: string; readonly body?: object }
  /** The response lists objects of the caller. `{foreign}` in a query is the id of a foreign object. */
  | {
      readonly kind: 'list';
      readonly object: 'finished job' | 'key' | 'conversation' | 'template';
      readonly queries: readonly string[];
    }
  /** The response reports what the caller's key has used. */
  | { readonly kind: 'report'; readonly queries: readonly string[] }
  /** The response is a stream of events about objects of the caller. */
  | { readonly kind: 'stream'; readonly topics: string }
  /** The response lists the models that the caller's key may use. */
  | { readonly kind: 'models' }
  /** The request creates an object of the caller. */
  | { readonly kind: 'created'; readonly query?: string; readonly body: object; readonly isListed?: true }
  /** The body is a file with objects, which belong to the caller. */
  | { readonly kind: 'import'; readonly body: object }
  /** The request deletes all objects of the caller. */
  | { readonly kind: 'cleared'; readonly object: 'conversation'; readonly query: string }
  /** The response depends on the request, and is accounted to the caller's key. */
  | { readonly kind: 'completion'; readonly body: object }
  /** All callers get the same response. */
  | { readonly kind: 'shared'; readonly reason: string };

/** A file of Open WebUI. */
const IMPORTED = {
  id: 'imported',
  title: 'Imported',
  chat: { messages: [{ id: 'first', role: 'user', content: 'Hi' }] },
};

const MESSAGES = [{ role: 'user', content: 'Hi' }];

/** Paths of the API of OpenAI, with and without the prefix of groq-sdk. */
function openAiCases(prefix: string): Record<string, OwnershipCase> {
  const description: OwnershipCase = { kind: 'shared', reason: 'describes the API' };
  return {
    [`GET ${prefix}`]: description,
    [`GET ${prefix}/`]: description,
    [`POST ${prefix}/chat/completions`]: { kind: 'completion', body: { model: FAST, messages: MESSAGES } },
    [`POST ${prefix}/responses`]: { kind: 'completion', body: { model: FAST, input: 'Hi' } },
    [`POST ${prefix}/embeddings`]: { kind: 'completion', body: { model: 'prodigon-embed', input: 'Hi' } },
    [`GET ${prefix}/models`]: { kind: 'models' },
    [`GET ${prefix}/models/*`]: { kind: 'shared', reason: 'describes one model of the platform' },
  };
}

const workshop: OwnershipCase = {
  kind: 'shared',
  reason: 'the workshop has one set of files, runs and progress for each installation',
};
const document: OwnershipCase = {
  kind: 'public',
  reason: 'the web UI is the same for all, and a browser loads it without a key',
};
const reference: OwnershipCase = { kind: 'public', reason: 'the description of the API contains no data' };
const probe: OwnershipCase = {
  kind: 'public',
  reason: 'probes have no key, and the state of the process contains no data of owners',
};

const WEB_UI_PATHS = [
  '/',
  ...Object.values(WEB_UI_ROUTES).flatMap((route) => [route, `${route}/*`]),
  '/assets/*',
  '/diagram-frame.html',
  '/diagram-frame.js',
  '/*',
];

/** The case of every route, by method and path. HEAD has the case of GET. */
export const OWNERSHIP_CASES: Readonly<Record<string, OwnershipCase>> = {
  'POST /api/v1/jobs': { kind: 'created', body: { prompts: ['canary'], model: FAST } },
  'GET /api/v1/jobs': {
    kind: 'list',
    object: 'finished job',
    queries: ['', '?q=canary', '?status=completed', '?q={foreign}', '?after=ffffffff-ffff-7fff-bfff-ffffffffffff'],
  },
  'GET /api/v1/jobs/:jobId': { kind: 'owned', object: 'finished job' },
  'GET /api/v1/jobs/:jobId/items': { kind: 'owned', object: 'finished job' },
  'GET /api/v1/jobs/:jobId/timings': { kind: 'owned', object: 'finished job' },
  'GET /api/v1/jobs/:jobId/results.jsonl': { kind: 'owned', object: 'finished job' },
  'GET /api/v1/jobs/:jobId/events': { kind: 'owned', object: 'finished job', query: '?after=0' },
  'POST /api/v1/jobs/:jobId/cancel': { kind: 'owned', object: 'running job' },
  'POST /api/v1/jobs/:jobId/retry': { kind: 'owned', object: 'cancelled job' },
  'DELETE /api/v1/jobs/:jobId': { kind: 'owned', object: 'cancelled job' },
  'GET /api/v1/events': { kind: 'stream', topics: 'jobs,health,conversations,job:{foreign}' },

  'POST /api/v1/chat/import': { kind: 'import', body: IMPORTED },
  'POST /api/v1/chat/attachments': { kind: 'created', query: '?name=canary', body: { text: 'canary' } },
  'GET /api/v1/chat/attachments/:id': { kind: 'owned', object: 'attachment' },
  'GET /api/v1/chat/attachments/:id/content': { kind: 'owned', object: 'attachment' },
  'DELETE /api/v1/chat/attachments/:id': { kind: 'owned', object: 'attachment' },
  'POST /api/v1/chat/sessions': { kind: 'created', body: { title: 'canary' } },
  'GET /api/v1/chat/sessions': {
    kind: 'list',
    object: 'conversation',
    queries: ['', '?archived=all', '?pinned=false', '?tag={foreign}'],
  },
  'DELETE /api/v1/chat/sessions': { kind: 'cleared', object: 'conversation', query: '?confirm=all' },
  'GET /api/v1/chat/search': { kind: 'list', object: 'conversation', queries: ['?q=canary', '?q={foreign}'] },
  'GET /api/v1/chat/sessions/:id': { kind: 'owned', object: 'conversation' },
  'PATCH /api/v1/chat/sessions/:id': { kind: 'owned', object: 'conversation', body: { title: 'changed' } },
  'DELETE /api/v1/chat/sessions/:id': { kind: 'owned', object: 'conversation' },
  'POST /api/v1/chat/sessions/:id/messages': { kind: 'owned', object: 'conversation', body: { role: 'user', content: 'Hi' } },
  'PATCH /api/v1/chat/sessions/:id/messages/:messageId': { kind: 'owned', object: 'message', body: { content: 'changed' } },
  'DELETE /api/v1/chat/sessions/:id/messages/:messageId': { kind: 'owned', object: 'message' },
  'GET /api/v1/chat/sessions/:id/export': { kind: 'owned', object: 'conversation' },
  'GET /api/v1/chat/export': { kind: 'list', object: 'conversation', queries: [''] },
  'POST /api/v1/chat/sessions/:id/share': { kind: 'owned', object: 'conversation' },
  'DELETE /api/v1/chat/sessions/:id/share': { kind: 'owned', object: 'conversation' },
  'GET /api/v1/share/:token': {
    kind: 'public',
    reason: 'the owner of a link shares it, and its response does not name the owner',
  },
  'POST /api/v1/chat/templates': { kind: 'created', body: { name: 'canary', content: 'Hi' }, isListed: true },
  'GET /api/v1/chat/templates': { kind: 'list', object: 'template', queries: [''] },
  'PATCH /api/v1/chat/templates/:id': { kind: 'owned', object: 'template', body: { name: 'changed' } },
  'DELETE /api/v1/chat/templates/:id': { kind: 'owned', object: 'template' },
  'POST /api/v1/chat/sessions/:id/turns': {
    kind: 'owned',
    object: 'conversation',
    body: { content: 'Hi', model: FAST },
  },
  'GET /api/v1/generations/:id': { kind: 'owned', object: 'finished response' },
  'GET /api/v1/generations/:id/stream': { kind: 'owned', object: 'finished response' },
  'POST /api/v1/generations/:id/cancel': { kind: 'owned', object: 'running response' },

  'GET /api/v1/me': { kind: 'report', queries: [''] },
  'GET /api/v1/usage': {
    kind: 'report',
    queries: ['?by=key', '?owner={owner}&by=key', '?owner=*&by=key', '?key={foreign}&by=key'],
  },
  'GET /api/v1/usage.csv': { kind: 'report', queries: ['?by=key', '?owner={owner}&by=key', '?owner=*&by=key', '?key={foreign}'] },

  'POST /api/v1/keys': { kind: 'created', body: { name: 'canary' } },
  'GET /api/v1/keys': { kind: 'list', object: 'key', queries: [''] },
  'GET /api/v1/keys/:id': { kind: 'owned', object: 'key' },
  'PATCH /api/v1/keys/:id': { kind: 'owned', object: 'key', body: { name: 'changed' } },
  'DELETE /api/v1/keys/:id': { kind: 'owned', object: 'key' },
  'POST /api/v1/keys/:id/rotate': { kind: 'owned', object: 'key', body: {} },

  'POST /api/v1/generate': { kind: 'completion', body: { model: FAST, prompt: 'Hi' } },
  'POST /api/v1/generate/stream': { kind: 'completion', body: { model: FAST, prompt: 'Hi' } },
  ...openAiCases('/v1'),
  ...openAiCases('/openai/v1'),
  'GET /api/v1/models': { kind: 'models' },

  'GET /api/v1/providers': {
    kind: 'shared',
    reason: 'the providers belong to the platform; only clients that may change them see addresses',
  },
  'PUT /api/v1/providers/:name': { kind: 'admin', isLocal: true, body: { api_key: 'unused' } },
  'DELETE /api/v1/providers/:name': { kind: 'admin', isLocal: true },

  'GET /api/v1/system/overview': { kind: 'shared', reason: 'counts items and requests of the whole platform, without names' },
  'GET /api/v1/content': { kind: 'shared', reason: 'the pages of the repository' },
  'GET /api/v1/content/source': { kind: 'shared', reason: 'the code of the repository' },
  'GET /api/v1/content/asset': {
    kind: 'public',
    reason: 'an image element sends no key, and the repository publishes its images',
  },
  ...Object.fromEntries(Object.values(WORKSHOP_OPERATIONS).map(({ method, path }) => [`${method} ${path}`, workshop])),

  'GET /health': probe,
  'GET /livez': probe,
  'GET /readyz': probe,
  'GET /metrics': { kind: 'operator', reason: 'scrapers have a key or the internal token; no label names an owner' },
  'GET /openapi.json': reference,
  'GET /docs': reference,
  'GET /docs/': reference,
  'GET /docs/js/scalar.js': reference,
  ...Object.fromEntries(WEB_UI_PATHS.map((path) => [`GET ${path}`, document])),
};
