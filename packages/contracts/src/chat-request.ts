import { z } from 'zod';

/**
 * What the model service is asked, in the field's common language: an OpenAI chat completion request.
 * Fields that we do not know pass through to the provider untouched.
 */
export const chatRequestSchema = z.looseObject({
  model: z.string().min(1).max(256).optional(),
  messages: z
    .array(z.looseObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }))
    .min(1)
    .max(512),
  max_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;
