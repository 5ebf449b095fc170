import { z } from 'zod';
import { modelIdSchema } from './models.ts';

/** A part of a message, e.g. text, an image or a file. All parts but text pass through to the provider unread. */
const contentPartSchema = z.looseObject({ type: z.string(), text: z.string().optional() });

/** A list with a limit is not validated beyond it, so that a wrong list of any length is rejected immediately. */
const PARTS_MAX = 2_048;
export const MESSAGES_MAX = 2_048;

const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(contentPartSchema).min(1).max(PARTS_MAX), z.null()]).optional(),
});

/**
 * A request to the model service: an OpenAI chat completion request. Unknown fields pass through to the provider
 * unchanged.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const chatRequestSchema = z.looseObject({
  model: modelIdSchema.optional(),
  messages: z.array(messageSchema).min(1).max(MESSAGES_MAX),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type ChatMessage = ChatRequest['messages'][number];

/** Returns the text of a message, without its other parts. */
export function messageText({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap(({ text }) => text ?? []).join('\n');
}

/** Returns the maximum number of output tokens, from either of OpenAI's two fields. */
export function maxOutputTokens({ max_completion_tokens, max_tokens }: ChatRequest): number | undefined {
  return max_completion_tokens ?? max_tokens ?? undefined;
}
