import type { ChatRequest } from '@prodigon/contracts';
import { toChatMessages } from './chat-messages.ts';
import { unsupported } from './read-field.ts';
import { toChatTools } from './request-tools.ts';
import type { ResponsesRequest, TextFormat } from './responses-request.ts';

/** Fields that only the Responses API has: translated below, or without a meaning for a chat completion. */
const NOT_OF_A_CHAT = new Set([
  'access_programs',
  'background',
  'context_management',
  'conversation',
  'image',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_options',
  'reasoning',
  'store',
  'stream',
  'stream_options',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'truncation',
]);

/** Fields that name something which OpenAI would have kept. */
const STORED = ['previous_response_id', 'conversation', 'prompt'] as const;

/**
 * A request of the Responses API as a chat completion request. Throws `BAD_REQUEST`, naming the field, for
 * what needs a stored response or a tool that runs at OpenAI.
 */
export function toChatRequest(request: ResponsesRequest): ChatRequest {
  refuseWhatIsStored(request);
  const { max_output_tokens, text, reasoning } = request;
  const others = Object.entries(request).filter(([name, value]) => !NOT_OF_A_CHAT.has(name) && value !== null);
  return {
    ...Object.fromEntries(others),
    messages: toChatMessages(request) as ChatRequest['messages'],
    ...(typeof max_output_tokens === 'number' && { max_tokens: max_output_tokens }),
    ...toChatTools(request),
    ...toResponseFormat(text?.format),
    ...(text?.verbosity && { verbosity: text.verbosity }),
    ...(reasoning?.effort && { reasoning_effort: reasoning.effort }),
  };
}

function refuseWhatIsStored(request: ResponsesRequest): void {
  for (const name of STORED) {
    if (request[name] === undefined || request[name] === null) continue;
    throw unsupported(name, `Responses are not stored here: leave out ${name} and send the whole conversation as input.`);
  }
  if (request.background) {
    throw unsupported(
      'background',
      'Responses are not stored here, so none can be made in the background: leave it out and wait for the answer.',
    );
  }
}

function toResponseFormat(format: TextFormat | null | undefined): { response_format?: unknown } {
  if (!format || format.type === 'text') return {};
  if (format.type === 'json_object') return { response_format: { type: 'json_object' } };
  const { name, schema, description, strict } = format;
  const json_schema = { name, schema, ...(description && { description }), ...(typeof strict === 'boolean' && { strict }) };
  return { response_format: { type: 'json_schema', json_schema } };
}
