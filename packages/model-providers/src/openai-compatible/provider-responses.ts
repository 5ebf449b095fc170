import type { IncomingHttpHeaders } from 'node:http';
import type { Usage } from '@prodigon/contracts';
import type { ProviderCompletion, RateLimit, RateLimits } from '@prodigon/ports';
import { z } from 'zod';

const count = z.int().min(0);

/** Validates only the fields that Prodigon uses, because providers add their own. */
export const usageBodySchema = z
  .object({
    prompt_tokens: count.default(0),
    completion_tokens: count.default(0),
    total_tokens: count.optional(),
    prompt_tokens_details: z.object({ cached_tokens: count.nullish() }).nullish(),
    completion_tokens_details: z.object({ reasoning_tokens: count.nullish() }).nullish(),
  })
  .transform(({ prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details }): Usage => {
    const cached_tokens = prompt_tokens_details?.cached_tokens ?? 0;
    const reasoning_tokens = completion_tokens_details?.reasoning_tokens ?? 0;
    return {
      prompt_tokens,
      completion_tokens,
      total_tokens: total_tokens ?? prompt_tokens + completion_tokens,
      ...(cached_tokens > 0 && { prompt_tokens_details: { cached_tokens } }),
      ...(reasoning_tokens > 0 && { completion_tokens_details: { reasoning_tokens } }),
    };
  });

export const modelsBodySchema = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });

export const completionBodySchema = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string() })], z.unknown()),
  usage: usageBodySchema.nullish(),
});

export const embeddingsBodySchema = z.looseObject({
  data: z.array(z.looseObject({ embedding: z.union([z.string(), z.array(z.number())]) })).min(1),
  usage: usageBodySchema.nullish(),
});

export type EmbeddingsBody = z.infer<typeof embeddingsBodySchema>;

export const chunkBodySchema = z.object({
  choices: z
    .array(
      z.object({
        index: count.default(0),
        delta: z
          .object({
            role: z.string().nullish(),
            content: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
            refusal: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  index: count.default(0),
                  id: z.string().nullish(),
                  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: usageBodySchema.nullish(),
  error: z.unknown().optional(),
  x_groq: z.object({ usage: usageBodySchema.nullish(), error: z.unknown().optional() }).nullish().catch(null),
});
export type ChunkBody = z.infer<typeof chunkBodySchema>;

const CHOICE_FIELDS = new Set(['index', 'delta', 'finish_reason', 'logprobs']);
const DELTA_FIELDS = new Set(['role', 'content', 'refusal']);

/**
 * Reads the most common chunk, a piece of text of one choice, without the schema. The schema takes longer than all other
 * processing of a token. Returns null for any other chunk.
 */
export function readTextChunk(parsed: unknown): ChunkBody | null {
  const { choices, usage, error, x_groq } = (parsed ?? {}) as Record<string, unknown>;
  if (!Array.isArray(choices) || choices.length !== 1) return null;
  if ((usage !== null && usage !== undefined) || error !== undefined || x_groq !== undefined) return null;
  const choice: unknown = choices[0];
  if (!hasOnlyFields(choice, CHOICE_FIELDS) || choice.index !== 0 || !isOptionalString(choice.finish_reason)) return null;
  const { delta } = choice;
  if (!hasOnlyFields(delta, DELTA_FIELDS)) return null;
  const { role, content, refusal } = delta;
  return isOptionalString(role) && isOptionalString(content) && isOptionalString(refusal)
    ? ({ choices, usage } as ChunkBody)
    : null;
}

function hasOnlyFields(value: unknown, fields: ReadonlySet<string>): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  for (const field in value) if (!fields.has(field)) return false;
  return true;
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'string';
}

/** Reads a `chat.completion`. Throws when the body is not one. */
export function readCompletion(body: string): ProviderCompletion {
  const parsed = JSON.parse(body);
  const completion = readCommonCompletion(parsed);
  if (completion) return { ...completion, body };
  const { choices, usage } = completionBodySchema.parse(parsed);
  return { text: choices[0].message.content ?? '', finish: choices[0].finish_reason, usage: usage ?? null, body };
}

/** Reads the most common form without the schema, which takes as long as parsing. Returns null for any other form. */
function readCommonCompletion(parsed: {
  choices?: { message?: { content?: unknown }; finish_reason?: unknown }[];
  usage?: unknown;
}): ProviderCompletion | null {
  const choice = Array.isArray(parsed?.choices) ? parsed.choices[0] : undefined;
  const text = choice?.message?.content;
  const finish = choice?.finish_reason;
  const usage = readCompleteUsage(parsed?.usage);
  return typeof text === 'string' && typeof finish === 'string' && usage ? { text, finish, usage } : null;
}

/** Reads a usage that has all counts without the schema, with the same result. Returns null for any other. */
function readCompleteUsage(value: unknown): Usage | null {
  if (typeof value !== 'object' || value === null) return null;
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = value as Record<
    string,
    unknown
  >;
  if (!isCount(prompt_tokens) || !isCount(completion_tokens) || !isCount(total_tokens)) return null;
  const cached_tokens = readDetail(prompt_tokens_details, 'cached_tokens');
  const reasoning_tokens = readDetail(completion_tokens_details, 'reasoning_tokens');
  if (cached_tokens === null || reasoning_tokens === null) return null;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens,
    ...(cached_tokens > 0 && { prompt_tokens_details: { cached_tokens } }),
    ...(reasoning_tokens > 0 && { completion_tokens_details: { reasoning_tokens } }),
  };
}

/** Returns 0 for a missing count, and null for a value that is not a count. */
function readDetail(details: unknown, name: string): number | null {
  if (details === undefined || details === null) return 0;
  if (typeof details !== 'object') return null;
  const count = (details as Record<string, unknown>)[name] ?? 0;
  return isCount(count) ? count : null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Reads `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`. Returns null when none of them is present.
 * Sources: https://platform.openai.com/docs/guides/rate-limits, https://console.groq.com/docs/rate-limits
 */
export function readRateLimits(headers: IncomingHttpHeaders): RateLimits | null {
  if (!hasRateLimitHeader(headers)) return null;
  const requests = readLimit(headers, 'requests');
  const tokens = readLimit(headers, 'tokens');
  return requests || tokens ? { requests, tokens } : null;
}

/** Avoids six lookups in a response without rate-limit headers. */
function hasRateLimitHeader(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (name.startsWith('x-ratelimit-')) return true;
  return false;
}

function readLimit(headers: IncomingHttpHeaders, unit: 'requests' | 'tokens'): RateLimit | null {
  const value = (field: string) => headers[`x-ratelimit-${field}-${unit}`];
  const limit = toNumber(value('limit'));
  const remaining = toNumber(value('remaining'));
  const resetMs = toMilliseconds(value('reset'));
  return limit === null && remaining === null && resetMs === null ? null : { limit, remaining, resetMs };
}

function toNumber(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : null;
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses durations such as `6m0s`, `2m59.56s` and `120ms`, and plain seconds. */
function toMilliseconds(value: string | string[] | undefined): number | null {
  if (typeof value !== 'string') return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return null;
  return [...value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0),
    0,
  );
}
