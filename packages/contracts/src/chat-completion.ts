import { z } from 'zod';
import { usageSchema } from './generation.ts';

/** Fields that all parts of a response share. Responses of providers pass through, so each object may have more fields. */
const header = {
  id: z.string(),
  created: z.int().describe('Seconds since 1970-01-01 UTC'),
  model: z.string().describe('The model that responded'),
  system_fingerprint: z.string().nullish(),
  service_tier: z.string().nullish(),
};

const finishReason = z.string().describe('`stop`, `length`, `tool_calls` or `content_filter`');
const reasoning = z.string().nullish().describe('The reasoning, if the model reports it');

/** Usage in OpenAI's format. */
export const chatUsageSchema = z
  .looseObject({
    ...usageSchema.shape,
    prompt_tokens_details: z.looseObject({ cached_tokens: z.int().nullish() }).nullish(),
    completion_tokens_details: z.looseObject({ reasoning_tokens: z.int().nullish() }).nullish(),
    estimated: z.boolean().optional().describe('True if the provider reported no usage and Prodigon estimated it by length'),
  })
  .meta({ id: 'ChatUsage' });

const toolCallSchema = z
  .looseObject({
    id: z.string(),
    type: z.string().describe('`function` or `custom`'),
    function: z
      .looseObject({ name: z.string(), arguments: z.string().describe('A JSON text, which the model may write incorrectly') })
      .optional(),
    custom: z.looseObject({ name: z.string(), input: z.string() }).optional(),
  })
  .meta({ id: 'ChatToolCall' });

/**
 * The response of POST `/v1/chat/completions` without `stream`.
 * Source: https://platform.openai.com/docs/api-reference/chat/object
 */
export const chatCompletionSchema = z
  .looseObject({
    ...header,
    object: z.literal('chat.completion'),
    choices: z.array(
      z.looseObject({
        index: z.int(),
        message: z.looseObject({
          role: z.literal('assistant'),
          content: z.string().nullish().describe('The text; null if the model only calls tools'),
          refusal: z.string().nullish(),
          reasoning_content: reasoning,
          tool_calls: z.array(toolCallSchema).nullish(),
        }),
        finish_reason: finishReason,
        logprobs: z.looseObject({}).nullish(),
      }),
    ),
    usage: chatUsageSchema,
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

/**
 * One event of POST `/v1/chat/completions` with `stream: true`.
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const chatCompletionChunkSchema = z
  .looseObject({
    ...header,
    object: z.literal('chat.completion.chunk'),
    choices: z
      .array(
        z.looseObject({
          index: z.int(),
          delta: z.looseObject({
            role: z.string().nullish().describe('Only in the first chunk'),
            content: z.string().nullish(),
            refusal: z.string().nullish(),
            reasoning_content: reasoning,
            tool_calls: z
              .array(
                z.looseObject({
                  index: z.int().describe('Deltas with the same index belong to the same call'),
                  id: z.string().nullish(),
                  type: z.string().nullish(),
                  function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          }),
          finish_reason: finishReason.nullish(),
          logprobs: z.looseObject({}).nullish(),
        }),
      )
      .describe('Empty in the chunk that reports the usage'),
    usage: chatUsageSchema.nullish().describe('Only in the last chunk, and only with `stream_options.include_usage`'),
  })
  .meta({ id: 'ChatCompletionChunk' });
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>;
