import { AppError, errorCodeSchema, usageSchema } from '@prodigon/contracts';
import type { GenerationOutcome } from '@prodigon/ports';
import { z } from 'zod';

/** Headers between our services, besides `x-request-id`, `traceparent` and `authorization`. */
export const INTERNAL_HEADERS = {
  /** Milliseconds that the call has left: a duration, since clocks of machines differ. */
  timeLeft: 'x-prodigon-time-left-ms',
  principal: 'x-prodigon-principal',
  streamFormat: 'x-prodigon-stream-format',
  generationId: 'x-prodigon-generation-id',
  model: 'x-prodigon-model',
  provider: 'x-prodigon-provider',
} as const;

/** How a stream ended, sent behind its last byte. A stream without it was interrupted. */
export const OUTCOME_TRAILER = 'x-prodigon-outcome';

export const completionSchema = z.object({
  model: z.string(),
  provider: z.string(),
  text: z.string(),
  finish: z.string(),
  usage: usageSchema,
  estimated: z.boolean(),
  costUsd: z.number().nullable(),
});

const outcomeSchema = z.object({
  status: z.enum(['completed', 'cancelled', 'failed']),
  finish: z.string().nullable(),
  usage: usageSchema,
  estimated: z.boolean(),
  timings: z.object({ ttftMs: z.number().nullable(), totalMs: z.number() }),
  sequence: z.int(),
  error: z.object({ code: errorCodeSchema, message: z.string() }).optional(),
});

/** An outcome as a header value: JSON in ASCII. */
export function encodeOutcome({ error, ...rest }: GenerationOutcome): string {
  const json = JSON.stringify({ ...rest, ...(error && { error: { code: error.code, message: error.message } }) });
  return json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Undefined when there is none, or none that we understand. */
export function decodeOutcome(value: string | string[] | undefined): GenerationOutcome | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const { error, ...rest } = outcomeSchema.parse(JSON.parse(value));
    return { ...rest, error: error && new AppError(error.code, error.message) };
  } catch {
    return undefined;
  }
}
