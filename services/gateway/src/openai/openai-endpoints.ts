import { OPENAI_PREFIXES } from './openai-api.ts';

const CHAT = 'Use `POST /v1/chat/completions`.';
const JOBS = 'Use `POST /api/v1/jobs`, which takes a file of prompts.';
const STATELESS = 'Prodigon stores no conversations: send all messages with each request.';
const TEXT_ONLY = 'Prodigon serves text models and embeddings only.';
const NO_TRAINING = 'Prodigon does not train or evaluate models.';
const NO_ACCOUNTS = 'Prodigon has no organizations or projects.';

/**
 * The endpoints of OpenAI's API that Prodigon does not implement, by the start of their paths, and the advice of their 404
 * responses. `{id}` stands for anything. docs/architecture/api-reference.md has the same table.
 * Source: https://platform.openai.com/docs/api-reference, and the resources of the `openai` package.
 */
export const UNSUPPORTED_ENDPOINTS: Readonly<Record<string, string>> = {
  completions: CHAT,
  edits: CHAT,
  engines: 'Use `GET /v1/models`.',
  'chat/completions/{id}': STATELESS,
  'responses/{id}': STATELESS,
  conversations: STATELESS,
  assistants: STATELESS,
  threads: STATELESS,
  vector_stores: STATELESS,
  agents: STATELESS,
  chatkit: STATELESS,
  files: JOBS,
  uploads: JOBS,
  batches: JOBS,
  images: TEXT_ONLY,
  audio: TEXT_ONLY,
  videos: TEXT_ONLY,
  realtime: TEXT_ONLY,
  live: TEXT_ONLY,
  moderations: TEXT_ONLY,
  fine_tuning: NO_TRAINING,
  'fine-tunes': NO_TRAINING,
  evals: NO_TRAINING,
  graders: NO_TRAINING,
  containers: 'Prodigon runs no tools: the client runs the functions that a model calls.',
  skills: 'Prodigon runs no tools: the client runs the functions that a model calls.',
  organization: NO_ACCOUNTS,
  projects: NO_ACCOUNTS,
};

const sources = Object.keys(UNSUPPORTED_ENDPOINTS).map((name) => ({
  name,
  source: name.endsWith('/{id}') ? `${name.slice(0, -5).replace('/', '\\/+')}\\/+[^/].*` : `${name}(?:\\/+[^/].*)?`,
}));
const patterns = sources.map(({ name, source }) => ({ name, pattern: new RegExp(`^(?:${source})$`) }));

/** The source of a regular expression for the paths of these endpoints, without a prefix. */
export const UNSUPPORTED_PATHS = sources.map(({ source }) => source).join('|');

export const IMPLEMENTED_ENDPOINTS = [
  'POST /v1/chat/completions',
  'POST /v1/responses',
  'POST /v1/embeddings',
  'GET /v1/models',
  'GET /v1/models/{id}',
] as const;

/** Returns the advice for a path below OpenAI's prefixes that does not exist; undefined for other paths. */
export function describeUnknownPath(path: string): string | undefined {
  const prefix = OPENAI_PREFIXES.find((each) => path.startsWith(`${each}/`));
  if (prefix === undefined) return undefined;
  const rest = path.slice(prefix.length + 1);
  const name = patterns.find(({ pattern }) => pattern.test(rest))?.name;
  return name === undefined
    ? `The endpoints are ${IMPLEMENTED_ENDPOINTS.join(', ')}.`
    : `Prodigon does not implement \`/v1/${name}\`. ${UNSUPPORTED_ENDPOINTS[name]}`;
}
