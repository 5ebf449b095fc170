import { encodeHeaderValue } from '@prodigon/platform';
import type { GenerationOutcome, RateLimit, ResponseMetadata } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Adds the metadata of a response to its request's log line and, while the headers are not sent, to its headers. */
export function reportMetadata(reply: FastifyReply, metadata: ResponseMetadata): void {
  const { provider, model, attempts, warning, cache } = metadata;
  Object.assign(reply.request.record, {
    provider,
    model,
    attempts: attempts.length,
    ...(cache && { cache }),
    ...(warning !== null && { warning }),
  });
  if (!reply.sent) reply.headers(metadataHeaders(metadata, reply.request));
}

/** Adds the finish reason, the usage and the cost of a response to its request's log line. */
export function recordUsage(
  { record }: FastifyRequest,
  {
    finish,
    usage,
    estimated,
    costUsd,
    timings,
  }: Pick<GenerationOutcome, 'usage' | 'estimated' | 'costUsd'> & Partial<Pick<GenerationOutcome, 'finish' | 'timings'>>,
): void {
  Object.assign(record, {
    ...(finish !== undefined && { finish }),
    usage,
    estimated,
    cost_usd: costUsd,
    ...(timings && { ttft_ms: timings.ttftMs }),
  });
}

function metadataHeaders(metadata: ResponseMetadata, { arrivedAt }: FastifyRequest): Record<string, string> {
  const { provider, model, attempts, warning, rateLimits, cache } = metadata;
  return {
    'x-prodigon-provider': encodeHeaderValue(provider),
    'x-prodigon-model': encodeHeaderValue(model),
    'x-prodigon-attempts': String(attempts.length),
    ...(cache && { 'x-prodigon-cache': cache }),
    ...(warning !== null && { 'x-prodigon-warning': encodeHeaderValue(warning) }),
    'openai-processing-ms': String(Math.round(performance.now() - arrivedAt)),
    ...upstreamHeaders('requests', rateLimits?.requests),
    ...upstreamHeaders('tokens', rateLimits?.tokens),
  };
}

/** Returns the rate limits of the provider, which all callers share. `x-ratelimit-*` tells the limits of the caller. */
function upstreamHeaders(unit: string, limit: RateLimit | null | undefined): Record<string, string> {
  if (!limit) return {};
  return {
    ...(limit.limit !== null && { [`x-prodigon-upstream-ratelimit-limit-${unit}`]: String(limit.limit) }),
    ...(limit.remaining !== null && { [`x-prodigon-upstream-ratelimit-remaining-${unit}`]: String(limit.remaining) }),
    ...(limit.resetMs !== null && { [`x-prodigon-upstream-ratelimit-reset-${unit}`]: `${limit.resetMs / 1_000}s` }),
  };
}
