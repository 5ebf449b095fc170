import type { AppError } from '@prodigon/contracts';
import type { GenerationOutcome } from '@prodigon/ports';
import type { ResponseItem } from './item-events.ts';
import type { ResponsesRequest, TextFormat } from './responses-request.ts';

export interface ResponseUsage {
  input_tokens: number;
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number };
  output_tokens: number;
  output_tokens_details: { reasoning_tokens: number };
  total_tokens: number;
}

/**
 * A response object of the Responses API, in progress or finished, with the parameters of its request.
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
export interface ResponseObject {
  id: string;
  object: 'response';
  /** Seconds since 1970-01-01 UTC, like `completed_at`. */
  created_at: number;
  completed_at: number | null;
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  error: { code: 'server_error' | 'rate_limit_exceeded' | 'invalid_prompt'; message: string } | null;
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null;
  model: string;
  output: ResponseItem[];
  usage?: ResponseUsage;
  instructions: string | null;
  max_output_tokens: number | null;
  max_tool_calls: number | null;
  metadata: Record<string, string>;
  parallel_tool_calls: boolean;
  reasoning: { effort: string | null; summary: 'auto' | 'concise' | 'detailed' | null };
  temperature: number | null;
  top_p: number | null;
  top_logprobs: number | null;
  text: { format: ReturnType<typeof withoutNullDescription>; verbosity?: 'low' | 'medium' | 'high' };
  tool_choice: Exclude<ResponsesRequest['tool_choice'], null | undefined>;
  tools: Readonly<Record<string, unknown>>[];
  truncation: 'auto' | 'disabled';
  service_tier: string | null;
  user?: string;
  safety_identifier: string | null;
  prompt_cache_key: string | null;
  prompt_cache_retention: string | null;
  background: false;
  store: false;
  conversation: null;
  previous_response_id: null;
  prompt: null;
  access_programs: null;
}

/** Creates the response object for the first content event, without any output. */
export function createResponse(
  request: ResponsesRequest,
  { id, model, createdAtMs }: { id: string; model: string; createdAtMs: number },
): ResponseObject {
  const { text, user } = request;
  return {
    id,
    object: 'response',
    created_at: Math.floor(createdAtMs / 1_000),
    completed_at: null,
    status: 'in_progress',
    error: null,
    incomplete_details: null,
    model,
    output: [],
    // Null means that the provider's default applies.
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: request.max_tool_calls ?? null,
    metadata: request.metadata ?? {},
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    temperature: request.temperature ?? null,
    top_p: request.top_p ?? null,
    top_logprobs: request.top_logprobs ?? null,
    text: {
      format: withoutNullDescription(text?.format ?? { type: 'text' }),
      ...(text?.verbosity && { verbosity: text.verbosity }),
    },
    tool_choice: request.tool_choice ?? 'auto',
    tools: (request.tools ?? []).map(withRequiredFields),
    truncation: request.truncation ?? 'disabled',
    service_tier: request.service_tier ?? null,
    ...(user && { user }),
    safety_identifier: request.safety_identifier ?? null,
    prompt_cache_key: request.prompt_cache_key ?? null,
    prompt_cache_retention: request.prompt_cache_retention ?? null,
    background: false,
    store: false,
    conversation: null,
    previous_response_id: null,
    prompt: null,
    access_programs: null,
  };
}

/** OpenAI's clients expect a text if a format has a description, but `strict` may be null. */
function withoutNullDescription(format: TextFormat) {
  if (format.type !== 'json_schema') return format;
  const { description, strict, ...rest } = format;
  return { ...rest, ...(typeof description === 'string' && { description }), ...(strict !== undefined && { strict }) };
}

/** Returns a tool as the client sent it, with null for the fields that OpenAI's clients expect of a function. */
function withRequiredFields(tool: { type: string }): Readonly<Record<string, unknown>> {
  return tool.type === 'function' ? { description: null, parameters: null, strict: null, ...tool } : tool;
}

const INCOMPLETE_REASONS: Partial<Record<string, 'max_output_tokens' | 'content_filter'>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/** Returns why a response with this finish reason is incomplete, or null if it is complete. */
export function incompleteReason(finish: string | null): 'max_output_tokens' | 'content_filter' | null {
  return INCOMPLETE_REASONS[finish ?? 'stop'] ?? null;
}

/** Returns the final response object of a completion that reached its end. */
export function completeResponse(
  response: ResponseObject,
  output: ResponseItem[],
  { finish, usage }: Pick<GenerationOutcome, 'finish' | 'usage'>,
  completedAtMs: number,
): ResponseObject {
  const reason = incompleteReason(finish);
  return {
    ...response,
    status: reason ? 'incomplete' : 'completed',
    completed_at: reason ? null : Math.floor(completedAtMs / 1_000),
    incomplete_details: reason && { reason },
    output,
    usage: toResponseUsage(usage),
  };
}

/** Returns the final response object of a completion that failed, with the output up to the failure. */
export function failResponse(response: ResponseObject, output: ResponseItem[], error: AppError): ResponseObject {
  const code = error.status === 429 ? 'rate_limit_exceeded' : error.status < 500 ? 'invalid_prompt' : 'server_error';
  return { ...response, status: 'failed', error: { code, message: error.publicMessage }, output };
}

/** Returns the usage for the Responses API. Cached and reasoning tokens are 0 if the provider does not report them. */
function toResponseUsage(usage: GenerationOutcome['usage']): ResponseUsage {
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: {
      cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      cache_write_tokens: 0,
    },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: usage.completion_tokens_details?.reasoning_tokens ?? 0 },
    total_tokens: usage.total_tokens,
  };
}
