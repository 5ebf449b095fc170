import { z } from 'zod';
import { errorCodeSchema } from './error-codes.ts';
import { cacheResultSchema, usageSchema } from './generation.ts';

/**
 * The typed events of a streamed response (`X-Stream-Version: 2`), by the SSE field `event`. A stream consists of
 * `start`, a `fallback` for each model that was replaced, any number of `token`, `reasoning` and `tool_call`, then
 * `usage` and `done`, or `error`. A stream that ends with neither `done` nor `error` was interrupted.
 */
export const streamEventSchemas = {
  start: z.object({ generation_id: z.string(), model: z.string(), request_id: z.string() }),
  fallback: z.object({ from: z.string(), to: z.string(), reason: errorCodeSchema }),
  token: z.string(),
  reasoning: z.string(),
  tool_call: z.object({
    index: z.int().min(0),
    id: z.string().optional(),
    name: z.string().optional(),
    arguments_delta: z.string(),
  }),
  usage: usageSchema.extend({
    estimated: z.boolean().describe('True when the provider reported no usage and Prodigon estimated it by length'),
    cost_usd: z.number().nullable().describe('Null when the price of the model is unknown'),
  }),
  error: z.object({
    code: errorCodeSchema,
    message: z.string(),
    retryable: z.boolean(),
    retry_after_seconds: z
      .int()
      .min(1)
      .optional()
      .describe('When the request may succeed: what `Retry-After` says in a response without a stream'),
  }),
  done: z.object({
    finish_reason: z.string(),
    ttft_ms: z.number(),
    latency_ms: z.number(),
    model: z.string().describe('The model that responded, after any fallback'),
    provider: z.string(),
    attempts: z.int().describe('The number of provider calls for this response; 0 for a response from the cache'),
    cache: cacheResultSchema.optional().describe('Whether the response comes from the cache; absent without a cache'),
  }),
} as const;

export type StreamEventName = keyof typeof streamEventSchemas;
export type StreamEventData<Name extends StreamEventName> = z.infer<(typeof streamEventSchemas)[Name]>;

/** One event as a client receives it. */
export type StreamEvent = {
  [Name in StreamEventName]: { event: Name; data: StreamEventData<Name>; id?: string | undefined };
}[StreamEventName];
