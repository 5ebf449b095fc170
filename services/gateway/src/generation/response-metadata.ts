import type { RateLimit, ResponseMetadata } from '@prodigon/ports';
import type { FastifyRequest } from 'fastify';

/** Who answered and what it took, for who reads headers. */
export function sourceHeaders(source: ResponseMetadata, { arrivedAt }: FastifyRequest): Record<string, string> {
  const { provider, model, attempts, warning, rateLimits } = source;
  return {
    'x-prodigon-provider': toHeader(provider),
    'x-prodigon-model': toHeader(model),
    'x-prodigon-attempts': String(attempts.length),
    ...(warning !== null && { 'x-prodigon-warning': toHeader(warning) }),
    'openai-processing-ms': String(Math.round(performance.now() - arrivedAt)),
    ...limitHeaders('requests', rateLimits?.requests),
    ...limitHeaders('tokens', rateLimits?.tokens),
  };
}

/** For the request's line of log. */
export function recordSource({ record }: FastifyRequest, { provider, model, attempts, warning }: ResponseMetadata): void {
  Object.assign(record, { provider, model, attempts: attempts.length, ...(warning !== null && { warning }) });
}

function limitHeaders(unit: string, limit: RateLimit | null | undefined): Record<string, string> {
  if (!limit) return {};
  return {
    ...(limit.limit !== null && { [`x-ratelimit-limit-${unit}`]: String(limit.limit) }),
    ...(limit.remaining !== null && { [`x-ratelimit-remaining-${unit}`]: String(limit.remaining) }),
    ...(limit.resetMs !== null && { [`x-ratelimit-reset-${unit}`]: `${limit.resetMs / 1_000}s` }),
  };
}

/** Model ids can hold anything; headers cannot. */
function toHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character));
}
