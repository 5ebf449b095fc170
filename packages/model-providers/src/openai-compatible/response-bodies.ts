import type { Usage } from '@prodigon/contracts';
import { z } from 'zod';

const count = z.int().min(0);

/** Providers add fields of their own; only what we need is looked at. */
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
