import { z } from 'zod';
import { modelIdSchema } from './models.ts';

/** The limits that the API enforces and the web UI shows. */
export const GENERATION_LIMITS = {
  promptCharactersMax: 10_000,
  messageCharactersMax: 100_000,
  messagesMax: 256,
  maxTokensMax: 8_192,
  maxTokensDefault: 1_024,
  temperatureMax: 2,
  temperatureDefault: 0.7,
} as const;

const isNotBlank = (text: string) => text.trim() !== '';

export const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1).max(GENERATION_LIMITS.messageCharactersMax),
});
export type Message = z.infer<typeof messageSchema>;

/** The body of POST `/api/v1/generate` and `/api/v1/generate/stream`. */
export const generateRequestSchema = z
  .strictObject({
    prompt: z.string().min(1, { abort: true }).max(GENERATION_LIMITS.promptCharactersMax).refine(isNotBlank, 'Must not be blank'),
    model: modelIdSchema.optional().describe('A model id of GET /api/v1/models; the default model without it'),
    max_tokens: z.int().min(1).max(GENERATION_LIMITS.maxTokensMax).default(GENERATION_LIMITS.maxTokensDefault),
    temperature: z.number().min(0).max(GENERATION_LIMITS.temperatureMax).default(GENERATION_LIMITS.temperatureDefault),
    system_prompt: z.string().min(1, { abort: true }).max(GENERATION_LIMITS.promptCharactersMax).optional(),
    messages: z
      .array(messageSchema)
      .max(GENERATION_LIMITS.messagesMax)
      .optional()
      .describe('Earlier messages of the conversation, oldest first; `prompt` is the newest message'),
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
    .describe('Prompt tokens that the provider read from its cache, if it reports them'),
  completion_tokens_details: z
    .object({ reasoning_tokens: z.int().min(0) })
    .optional()
    .describe('Completion tokens of the reasoning, if the provider reports them'),
});
export type Usage = z.infer<typeof usageSchema>;

/** The response of POST `/api/v1/generate`. */
export const generateResponseSchema = z
  .object({
    text: z.string(),
    model: z.string(),
    usage: usageSchema,
    latency_ms: z.number().describe('Milliseconds from the arrival of the request to the complete response'),
  })
  .meta({ id: 'GenerateResponse' });
export type GenerateResponse = z.infer<typeof generateResponseSchema>;
