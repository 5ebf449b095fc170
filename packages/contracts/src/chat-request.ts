import { z } from 'zod';
import { type ChatMessage, chatContentSchema, chatMessageSchema, findMessageProblems } from './chat-message.ts';
import { chatToolSchema, findToolProblem, functionSchema, responseFormatSchema, toolChoiceSchema } from './chat-tools.ts';
import type { FieldProblem } from './field-problems.ts';
import { modelIdSchema } from './models.ts';
import { pairsSchema } from './pairs.ts';

/** Long sessions of agents have thousands of tool calls. Each output of a tool is a message. */
export const MESSAGES_MAX = 8_192;
/** More than any provider accepts. The limits of OpenAI are checked where the provider is known. */
const LIST_MAX = 2_048;

const text = z.string();
/** JSON numbers beyond 2^53 lose digits, but some clients send random seeds of 64 bits. */
const integer64 = z
  .number()
  .refine(Number.isInteger, 'Must be an integer')
  .gte(-(2 ** 63))
  .lt(2 ** 63);

const { $schema: _, ...messageJsonSchema } = z.toJSONSchema(chatMessageSchema, { io: 'input' });
/** `findMessageProblems` checks the messages, without the copies that a schema makes. */
const messageSchema = z.custom<ChatMessage>().meta(messageJsonSchema);

/**
 * A request to the model service: an OpenAI chat completion request. The schema checks the type of every documented field,
 * and what a request needs to make sense. `findLimitProblems` checks the values that OpenAI accepts, because other
 * providers accept more. Unknown fields pass through to the provider unchanged, and null means absent.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export const chatRequestSchema = z
  .looseObject({
    model: modelIdSchema.nullish(),
    messages: z.array(messageSchema).min(1).max(MESSAGES_MAX),
    audio: z.looseObject({ format: text, voice: z.union([text, z.looseObject({ id: text })]) }).nullish(),
    frequency_penalty: z.number().nullish().describe('-2 to 2'),
    function_call: z.union([text, z.looseObject({ name: text })]).nullish(),
    functions: z.array(functionSchema).max(LIST_MAX).nullish(),
    logit_bias: pairsSchema(text, z.number()).nullish(),
    logprobs: z.boolean().nullish(),
    max_completion_tokens: z.int().nullish().describe('At least 1'),
    max_tokens: z.int().nullish().describe('At least 1'),
    metadata: pairsSchema(text, text).nullish(),
    modalities: z.array(text).max(LIST_MAX).nullish(),
    n: z.int().nullish().describe('1 to 128'),
    parallel_tool_calls: z.boolean().nullish(),
    prediction: z.looseObject({ type: text, content: chatContentSchema }).nullish(),
    presence_penalty: z.number().nullish().describe('-2 to 2'),
    prompt_cache_key: text.nullish(),
    prompt_cache_retention: text.nullish(),
    reasoning_effort: text.nullish(),
    response_format: responseFormatSchema.nullish(),
    safety_identifier: text.nullish(),
    seed: integer64.nullish(),
    service_tier: text.nullish(),
    stop: z.union([text, z.array(text).max(LIST_MAX)], { error: 'Must be a string or an array of strings' }).nullish(),
    store: z.boolean().nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() }).nullish(),
    temperature: z.number().nullish().describe('0 to 2'),
    tool_choice: toolChoiceSchema.nullish(),
    tools: z.array(chatToolSchema).max(LIST_MAX).nullish(),
    top_logprobs: z.int().nullish().describe('0 to 20, with logprobs'),
    top_p: z.number().nullish().describe('0 to 1'),
    user: text.nullish(),
    verbosity: text.nullish(),
    web_search_options: z.looseObject({}).nullish(),
  })
  .superRefine((request, { addIssue }) => {
    for (const { path, message } of findProblems(request)) addIssue({ code: 'custom', path: [...path], message });
  })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatRequest = z.infer<typeof chatRequestSchema>;
export { type ChatMessage, messageText } from './chat-message.ts';

/** The documented fields of a request. */
export const CHAT_REQUEST_FIELDS: ReadonlySet<string> = new Set(Object.keys(chatRequestSchema.shape));

function findProblems(request: Pick<ChatRequest, 'messages' | 'tools' | 'tool_choice' | 'response_format'>) {
  const problems = findMessageProblems(request.messages);
  if (problems.length > 0) return problems;
  return [findToolProblem(request) ?? findFormatProblem(request)].filter((problem) => problem !== undefined);
}

function findFormatProblem({ response_format: format }: Pick<ChatRequest, 'response_format'>): FieldProblem | undefined {
  if (format?.type !== 'json_schema' || format.json_schema) return undefined;
  return { path: ['response_format', 'json_schema'], message: 'Required in formats of the type json_schema' };
}

/** Returns the maximum number of output tokens, from either of OpenAI's two fields. */
export function maxOutputTokens({ max_completion_tokens, max_tokens }: ChatRequest): number | undefined {
  return max_completion_tokens ?? max_tokens ?? undefined;
}
