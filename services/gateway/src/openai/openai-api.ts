import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AdmissionControl } from '../admission/admission-control.ts';
import type { StreamTimings } from '../generation/stream-relay.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';

export interface OpenAiRoutesOptions {
  model: ModelClient;
  catalog: ModelCatalog;
  admission: AdmissionControl;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  timings: StreamTimings;
}

/** Options for the routes of one resource under one prefix. */
export interface OpenAiResourceOptions extends OpenAiRoutesOptions {
  prefix: string;
}

/** Paths of OpenAI's API: `/v1` for OpenAI's clients, `/openai/v1` for groq-sdk. */
export const OPENAI_PREFIXES = ['/v1', '/openai/v1'] as const;
/** The prefix that the OpenAPI document omits, because generated clients would have each function twice. */
export const OPENAI_ALIAS_PREFIX = OPENAI_PREFIXES[1];

export function isOpenAiUrl(url: string): boolean {
  return OPENAI_PREFIXES.some((prefix) => url.startsWith(prefix) && /^(?:[/?]|$)/.test(url.slice(prefix.length)));
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Returns the start of links to the web UI for a client of OpenAI's API, which cannot resolve relative ones; empty when its
 * host is unknown. Other clients receive relative links.
 */
export function linkBaseOf({ url, host, protocol }: Pick<FastifyRequest, 'url' | 'host' | 'protocol'>): string | undefined {
  if (!isOpenAiUrl(url)) return undefined;
  return HOST.test(host) && /^https?$/.test(protocol) ? `${protocol}://${host}` : '';
}

/** Clients of other vendors send parameters that OpenAI ignores too, e.g. `api-version`. No endpoint here reads one. */
export const OPENAI_CONFIG = { access: 'caller', query: 'ignored' } as const;

/** Leaves room for an image of 20 MB, which takes 28 MB as Base64. */
export const OPENAI_BODY_BYTES_MAX = 32 << 20;

/** Sends JSON that is already serialized, byte for byte. */
export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(json);
}
