import { AppError, errorCodeSchema, usageSchema } from '@prodigon/contracts';
import type { Completion, Embeddings, GenerationOutcome, ResponseMetadata } from '@prodigon/ports';
import { z } from 'zod';

/** Headers between our services, besides `x-request-id`, `traceparent` and `authorization`. */
export const INTERNAL_HEADERS = {
  /** Milliseconds that the call has left: a duration, since clocks of machines differ. */
  timeLeft: 'x-prodigon-time-left-ms',
  principal: 'x-prodigon-principal',
  /** How often a provider may be called. */
  attemptsMax: 'x-prodigon-attempts-max',
  streamFormat: 'x-prodigon-stream-format',
  generationId: 'x-prodigon-generation-id',
  /** Who answered, as JSON. */
  metadata: 'x-prodigon-source',
  /** How often a provider was called, with an error. */
  attempts: 'x-prodigon-attempts',
  /** On a refusal by a process that drains: nobody has begun with the request, another replica may have it. */
  rejected: 'x-prodigon-refused',
} as const;

/** How a stream ended, sent behind its last byte. A stream without it was interrupted. */
export const OUTCOME_TRAILER = 'x-prodigon-outcome';

const rateLimitSchema = z
  .object({ limit: z.number().nullable(), remaining: z.number().nullable(), resetMs: z.number().nullable() })
  .nullable();

const sourceSchema = z.object({
  model: z.string(),
  provider: z.string(),
  attempts: z.array(
    z.object({ provider: z.string(), model: z.string(), error: errorCodeSchema.nullable(), latencyMs: z.number() }),
  ),
  warning: z.string().nullable(),
  rateLimits: z.object({ requests: rateLimitSchema, tokens: rateLimitSchema }).nullable(),
}) satisfies z.ZodType<ResponseMetadata>;

const accountSchema = sourceSchema.extend({
  usage: usageSchema,
  estimated: z.boolean(),
  costUsd: z.number().nullable(),
  /** Of a completion. */
  finish: z.string().optional(),
});

const outcomeSchema = z.object({
  status: z.enum(['completed', 'cancelled', 'failed']),
  finish: z.string().nullable(),
  usage: usageSchema,
  estimated: z.boolean(),
  costUsd: z.number().nullable(),
  timings: z.object({ ttftMs: z.number().nullable(), totalMs: z.number() }),
  sequence: z.int(),
  error: z.object({ code: errorCodeSchema, message: z.string() }).optional(),
});

/** What goes in the header beside an answer whose body is passed on as it is. */
export type ResponseSummary = z.infer<typeof accountSchema>;

export function encodeResponseMetadata({ model, provider, attempts, warning, rateLimits }: ResponseMetadata): string {
  return toHeader({ model, provider, attempts, warning, rateLimits });
}

/** Throws when it is not what we send. */
export function decodeResponseMetadata(value: string): ResponseMetadata {
  return sourceSchema.parse(JSON.parse(value));
}

export function encodeResponseSummary({ body: _, ...account }: Omit<Completion, 'text'> | Embeddings): string {
  return toHeader(account);
}

/** Throws when it is not what we send. */
export function decodeResponseSummary(value: string): ResponseSummary {
  return accountSchema.parse(JSON.parse(value));
}

export function encodeOutcome({ error, ...rest }: GenerationOutcome): string {
  return toHeader({ ...rest, ...(error && { error: { code: error.code, message: error.message } }) });
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

/** JSON in ASCII, which is all that a header may hold. */
function toHeader(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
