import { z } from 'zod';

/** The limits that the API enforces and the page shows: one source for both. */
export const GENERATION_LIMITS = {
  promptCharactersMax: 10_000,
  messageCharactersMax: 100_000,
  messagesMax: 256,
  maxTokensMax: 8_192,
  maxTokensDefault: 1_024,
  temperatureMax: 2,
  temperatureDefault: 0.7,
} as const;

const notBlank = (text: string) => text.trim() !== '';

export const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1).max(GENERATION_LIMITS.messageCharactersMax),
});
export type Message = z.infer<typeof messageSchema>;

/** The body of POST `/api/v1/generate` and `/api/v1/generate/stream`. */
export const generateRequestSchema = z
  .strictObject({
    prompt: z.string().min(1, { abort: true }).max(GENERATION_LIMITS.promptCharactersMax).refine(notBlank, 'Must not be blank'),
    model: z.string().min(1).max(256).optional().describe('A model id of GET /api/v1/models; the default model without it'),
    max_tokens: z.int().min(1).max(GENERATION_LIMITS.maxTokensMax).default(GENERATION_LIMITS.maxTokensDefault),
    temperature: z.number().min(0).max(GENERATION_LIMITS.temperatureMax).default(GENERATION_LIMITS.temperatureDefault),
    system_prompt: z.string().min(1, { abort: true }).max(GENERATION_LIMITS.promptCharactersMax).optional(),
    messages: z
      .array(messageSchema)
      .max(GENERATION_LIMITS.messagesMax)
      .optional()
      .describe('Earlier turns of the conversation, oldest first; `prompt` is the newest'),
  })
  .meta({ id: 'GenerateRequest' });
export type GenerateRequest = z.infer<typeof generateRequestSchema>;
export type GenerateRequestInput = z.input<typeof generateRequestSchema>;

export const usageSchema = z.object({
  prompt_tokens: z.int().min(0),
  completion_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
  prompt_tokens_details: z
    .object({ cached_tokens: z.int().min(0) })
    .optional()
    .describe('Of the prompt, what the provider had in its cache; where it tells'),
  completion_tokens_details: z
    .object({ reasoning_tokens: z.int().min(0) })
    .optional()
    .describe('Of the answer, what the model thought to itself; where the provider tells'),
});
export type Usage = z.infer<typeof usageSchema>;

/** The answer of POST `/api/v1/generate`. */
export const generateResponseSchema = z
  .object({
    text: z.string(),
    model: z.string(),
    usage: usageSchema,
    latency_ms: z.number().describe('From the arrival of the request to the complete answer, in milliseconds'),
  })
  .meta({ id: 'GenerateResponse' });
export type GenerateResponse = z.infer<typeof generateResponseSchema>;
