import { z } from 'zod';

const count = z.int().min(0);

/** Providers add fields of their own; only what we need is looked at. */
export const usageBodySchema = z
  .object({ prompt_tokens: count.default(0), completion_tokens: count.default(0), total_tokens: count.optional() })
  .transform((usage) => ({ ...usage, total_tokens: usage.total_tokens ?? usage.prompt_tokens + usage.completion_tokens }));

export const modelsBodySchema = z.object({ data: z.array(z.object({ id: z.string().min(1) })) });

export const completionBodySchema = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string() })], z.unknown()),
  usage: usageBodySchema.nullish(),
});

export const chunkBodySchema = z.object({
  choices: z
    .array(
      z.object({
        index: count.default(0),
        delta: z
          .object({
            content: z.string().nullish(),
            reasoning_content: z.string().nullish(),
            reasoning: z.string().nullish(),
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
});
export type ChunkBody = z.infer<typeof chunkBodySchema>;
