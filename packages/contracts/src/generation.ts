import { z } from 'zod';
import { modelIdSchema } from './models.ts';
import { nullish } from './optional-fields.ts';

/** The limits that the API enforces and the web UI shows. The context of the model limits the text of a request further. */
export const GENERATION_LIMITS = {
  bodyBytesMax: 4 << 20,
  promptCharactersMax: 4_000_000,
  messageCharactersMax: 4_000_000,
  messagesMax: 256,
  /** The largest number that the database stores in a job. */
  maxTokensMax: 2 ** 31 - 1,
  temperatureMax: 2,
} as const;

const isNotBlank = (text: string) => text.trim() !== '';

export const promptSchema = (charactersMax: number) =>
  z.string().min(1, { abort: true }).max(charactersMax).refine(isNotBlank, 'Must not be blank');

export const messageSchema = z
  .strictObject({
    role: z.enum(['system', 'user', 'assistant']),
    content: z.string().min(1).max(GENERATION_LIMITS.messageCharactersMax),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof messageSchema>;

/** The body of POST `/api/v1/generate` and `/api/v1/generate/stream`. Optional fields that are absent are not sent to the provider. */
export const generateRequestSchema = z
  .strictObject({
    prompt: promptSchema(GENERATION_LIMITS.promptCharactersMax),
    model: nullish(modelIdSchema).describe('A model id of GET /api/v1/models; the default model without it'),
    max_tokens: nullish(z.int().min(1).max(GENERATION_LIMITS.maxTokensMax)).describe("Defaults to the model's default"),
    temperature: nullish(z.number().min(0).max(GENERATION_LIMITS.temperatureMax)).describe("Defaults to the model's default"),
    system_prompt: nullish(z.string().min(1, { abort: true }).max(GENERATION_LIMITS.promptCharactersMax)),
    messages: nullish(z.array(messageSchema).max(GENERATION_LIMITS.messagesMax)).describe(
      'Earlier messages of the conversation, oldest first; `prompt` is the newest message',
    ),
  })
  .meta({ id: 'GenerateRequest' });
export type GenerateRequest = z.infer<typeof generateRequestSchema>;
export type GenerateRequestInput = z.input<typeof generateRequestSchema>;

export const usageSchema = z
  .object({
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
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof usageSchema>;

/**
 * Whether a response comes from the cache. `miss`: the response is new, and is stored if it may be. `bypass`: the cache was
 * not read.
 */
export const cacheResultSchema = z.enum(['hit', 'miss', 'bypass']);
export type CacheResult = z.infer<typeof cacheResultSchema>;

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
