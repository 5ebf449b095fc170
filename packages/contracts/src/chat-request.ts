import { z } from 'zod';

/** A piece of a message: text, a picture, a file, … Only text is looked at; the rest is between caller and provider. */
const contentPartSchema = z.looseObject({ type: z.string(), text: z.string().optional() });

const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(contentPartSchema).min(1), z.null()]).optional(),
});

/**
 * What the model service is asked, in the field's common language: an OpenAI chat completion request.
 * Fields that we do not know pass through to the provider untouched.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const chatRequestSchema = z.looseObject({
  model: z.string().min(1).max(256).optional(),
  messages: z.array(messageSchema).min(1).max(2_048),
  max_tokens: z.int().positive().nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type ChatMessage = ChatRequest['messages'][number];

/** The text of a message, whatever its form; what is not text is left out. */
export function messageText({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap(({ text }) => text ?? []).join('\n');
}

/** How many tokens an answer may have, under either of the names that the field has for it. */
export function maxOutputTokens({ max_completion_tokens, max_tokens }: ChatRequest): number | undefined {
  return max_completion_tokens ?? max_tokens ?? undefined;
}
