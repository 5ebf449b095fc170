import { AppError, decodeUrlPart, errorCodeSchema, LOCAL_OWNER, providerReasonSchema, usageSchema } from '@prodigon/contracts';
import type { Completion, Embeddings, GenerationOutcome, Principal, ResponseMetadata } from '@prodigon/ports';
import { z } from 'zod';

/** Headers between the services, besides `x-request-id`, `traceparent` and `authorization`. */
export const INTERNAL_HEADERS = {
  /** Milliseconds until the deadline. A duration, because the clocks of machines differ. */
  timeLeft: 'x-prodigon-time-left-ms',
  /** The owner. */
  principal: 'x-prodigon-principal',
  role: 'x-prodigon-role',
  keyId: 'x-prodigon-key-id',
  /** Maximum provider calls for the request. */
  attemptsMax: 'x-prodigon-attempts-max',
  /** The start of links to the web UI in the response. */
  linkBase: 'x-prodigon-link-base',
  streamFormat: 'x-prodigon-stream-format',
  generationId: 'x-prodigon-generation-id',
  /** The `ResponseMetadata` as JSON. */
  metadata: 'x-prodigon-source',
  /** The number of provider calls before an error. */
  attempts: 'x-prodigon-attempts',
  /** Set on an error after which the circuit breaker of the model is open. */
  circuitOpen: 'x-prodigon-circuit-open',
  /** Set when a process that drains or lacks its database rejects a request before processing it, so that another replica may process it. */
  rejected: 'x-prodigon-refused',
} as const;

/** Returns the headers that carry the principal of a call. Names may contain any character, so they are encoded. */
export function encodePrincipal({ id, role, keyId }: Principal): Record<string, string> {
  return {
    [INTERNAL_HEADERS.principal]: encodeURIComponent(id),
    ...(role === 'admin' && { [INTERNAL_HEADERS.role]: role }),
    ...(keyId !== undefined && { [INTERNAL_HEADERS.keyId]: encodeURIComponent(keyId) }),
  };
}

/** Returns the principal of a call. `headerOf` returns a header of the call. */
export function decodePrincipal(headerOf: (name: string) => string | undefined): Principal {
  const id = headerOf(INTERNAL_HEADERS.principal);
  const keyId = headerOf(INTERNAL_HEADERS.keyId);
  return {
    id: id === undefined ? LOCAL_OWNER : decodeUrlPart(id),
    role: headerOf(INTERNAL_HEADERS.role) === 'admin' ? 'admin' : 'member',
    ...(keyId !== undefined && { keyId: decodeUrlPart(keyId) }),
  };
}

/** The outcome of a stream, sent after its last byte. A stream without this trailer was interrupted. */
export const OUTCOME_TRAILER = 'x-prodigon-outcome';

/** The trailers of a stream that has no other outcome than its completion. */
export const COMPLETED_TRAILERS = { [OUTCOME_TRAILER]: 'completed' };

const rateLimitSchema = z
  .object({ limit: z.number().nullable(), remaining: z.number().nullable(), resetMs: z.number().nullable() })
  .nullable();

const metadataSchema = z.object({
  model: z.string(),
  provider: z.string(),
  attempts: z.array(
    z.object({ provider: z.string(), model: z.string(), error: errorCodeSchema.nullable(), latencyMs: z.number() }),
  ),
  warning: z.string().nullable(),
  rateLimits: z.object({ requests: rateLimitSchema, tokens: rateLimitSchema }).nullable(),
}) satisfies z.ZodType<ResponseMetadata>;

const summarySchema = metadataSchema.extend({
  usage: usageSchema,
  estimated: z.boolean(),
  costUsd: z.number().nullable(),
  /** Set for completions. */
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
  error: z.object({ code: errorCodeSchema, message: z.string(), reason: providerReasonSchema.optional() }).optional(),
});

/** The metadata and usage of a unary response, sent in a header so that its body passes through unchanged. */
export type ResponseSummary = z.infer<typeof summarySchema>;

export function encodeResponseMetadata({ model, provider, attempts, warning, rateLimits }: ResponseMetadata): string {
  return toHeader({ model, provider, attempts, warning, rateLimits });
}

/** Throws when the header is malformed. */
export function decodeResponseMetadata(value: string): ResponseMetadata {
  return metadataSchema.parse(JSON.parse(value));
}

export function encodeResponseSummary({ body: _, ...summary }: Omit<Completion, 'text' | 'choice'> | Embeddings): string {
  return toHeader(summary);
}

/** Throws when the header is malformed. */
export function decodeResponseSummary(value: string): ResponseSummary {
  return summarySchema.parse(JSON.parse(value));
}

export function encodeOutcome({ error, ...rest }: GenerationOutcome): string {
  return toHeader({
    ...rest,
    ...(error && { error: { code: error.code, message: error.message, reason: error.providerReason } }),
  });
}

/** Returns undefined when the trailer is missing or malformed. */
export function decodeOutcome(value: string | string[] | undefined): GenerationOutcome | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    const { error, ...rest } = outcomeSchema.parse(JSON.parse(value));
    return { ...rest, error: error && new AppError(error.code, error.message, { providerReason: error.reason }) };
  } catch {
    return undefined;
  }
}

/** Returns JSON in ASCII, the only characters that a header may contain. */
function toHeader(value: object): string {
  return JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Media type of a job submission between the services, a framed body: one line of JSON, then the bytes of the file if there is one. */
export const SUBMISSION_TYPE = 'application/x-prodigon-submission';

export const submissionSchema = z.object({
  options: z.unknown(),
  idempotencyKey: z.string().optional(),
  source: z.discriminatedUnion('type', [
    z.object({ type: z.literal('prompts'), prompts: z.array(z.string()) }),
    z.object({ type: z.literal('file'), format: z.enum(['jsonl', 'csv', 'txt']) }),
  ]),
});
export type SubmissionHeader = z.infer<typeof submissionSchema>;

const LINE_BYTES_MAX = 16 << 20;
const NEWLINE = 0x0a;

export async function* encodeSubmission(header: SubmissionHeader, bytes?: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${JSON.stringify(header)}\n`);
  if (bytes) yield* bytes;
}

/** Reads the first line of a body, and returns the rest as it arrives. */
export async function splitFirstLine(
  body: AsyncIterable<Uint8Array>,
): Promise<{ line: string; rest: AsyncIterable<Uint8Array> }> {
  const chunks = body[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  for (;;) {
    const end = head.indexOf(NEWLINE);
    if (end >= 0)
      return {
        line: head.toString('utf8', 0, end),
        rest: withHead(head.subarray(end + 1), { [Symbol.asyncIterator]: () => chunks }),
      };
    const { done, value } = await chunks.next();
    if (done || head.length > LINE_BYTES_MAX) throw new AppError('BAD_REQUEST');
    head = Buffer.concat([head, value]);
  }
}

async function* withHead(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}
