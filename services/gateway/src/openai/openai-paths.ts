import type { IncomingMessage } from 'node:http';
import { UNSUPPORTED_PATHS } from './openai-endpoints.ts';

const IMPLEMENTED_PATHS = 'chat\\/+completions|responses|embeddings|models(?:\\/+[^/].*)?';
/** Groups: the prefix of groq-sdk, any number of `v1`, and the endpoint. */
const ENDPOINT = new RegExp(`^\\/+(openai\\/+)?((?:v1\\/+)*)(${IMPLEMENTED_PATHS}|${UNSUPPORTED_PATHS})$`);
/** Endpoints that a GET request without `/v1` never refers to: web UI paths and POST endpoints. */
const POST_ONLY = /^(?:chat\/|(?:responses|embeddings)$)/;

/**
 * Returns the URL of an OpenAI endpoint as its route has it. Clients append paths to base URLs of every form, so that `/v1`
 * may be missing or repeated, and slashes doubled or trailing. Returns other URLs unchanged.
 */
export function normalizeOpenAiUrl({ url = '', method, headers }: Pick<IncomingMessage, 'url' | 'method' | 'headers'>): string {
  const queryStart = url.indexOf('?');
  const pathEnd = queryStart === -1 ? url.length : queryStart;
  const [, vendor = '', version, endpoint = ''] = ENDPOINT.exec(url.slice(0, endWithoutSlashes(url, pathEnd))) ?? [];
  if (endpoint === '') return url;
  // The web UI has pages at paths without `/v1`, e.g. everything below /chat.
  const isPage = headers.accept?.includes('text/html') || POST_ONLY.test(endpoint) || endpoint.startsWith('models/');
  const isApiCall = method !== 'GET' || !isPage;
  if (version === '' && !isApiCall) return url;
  return `/${vendor && 'openai/'}v1/${endpoint.replace(/^(chat|models)\/+/, '$1/')}${url.slice(pathEnd)}`;
}

/** A regular expression for trailing slashes takes quadratic time for slashes in the middle. */
function endWithoutSlashes(url: string, end: number): number {
  let index = end;
  while (index > 0 && url[index - 1] === '/') index -= 1;
  return index;
}
