import { z } from 'zod';
import type { ChatMessage } from './chat-message.ts';
import type { ChatRequest } from './chat-request.ts';
import type { ErrorDetail } from './error-codes.ts';
import { fieldPath, flattenIssues } from './field-problems.ts';
import { pairsSchema } from './pairs.ts';

const penalty = z.number().min(-2).max(2).nullish();
const outputTokens = z.int().min(1).nullish();
const name = z.string().regex(/^[\w-]{1,64}$/, 'Must be 1 to 64 letters, digits, underscores or hyphens');
const functionLimits = z.object({ name });
const customLimits = z.object({
  name: z.string().regex(/^[\w.-]{1,64}$/, 'Must be 1 to 64 letters, digits, underscores, hyphens or dots'),
});
const toolLimits = z.object({
  type: z.enum(['function', 'custom']),
  function: functionLimits.nullish(),
  custom: customLimits.nullish(),
});
const content = z.string().or(z.array(z.object({ type: z.literal('text') })));

/** The values that OpenAI's API accepts for the fields of a chat completion request. */
const limitsSchema = z.object({
  audio: z.object({ format: z.enum(['wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16']) }).nullish(),
  frequency_penalty: penalty,
  function_call: z.enum(['none', 'auto']).or(functionLimits).nullish(),
  functions: z.array(functionLimits).min(1).max(128).nullish(),
  logit_bias: pairsSchema(z.string().regex(/^\d+$/, 'Must be a token id'), z.number().min(-100).max(100)).nullish(),
  max_completion_tokens: outputTokens,
  max_tokens: outputTokens,
  metadata: pairsSchema(z.string().max(64), z.string().max(512), 16).nullish(),
  modalities: z
    .array(z.enum(['text', 'audio']))
    .min(1)
    .nullish(),
  n: z.int().min(1).max(128).nullish(),
  prediction: z.object({ type: z.literal('content'), content }).nullish(),
  presence_penalty: penalty,
  prompt_cache_retention: z.enum(['in_memory', 'in-memory', '24h']).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  response_format: z
    .object({ type: z.enum(['text', 'json_object', 'json_schema']), json_schema: z.object({ name }).nullish() })
    .nullish(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority', 'fast']).nullish(),
  stop: z.string().or(z.array(z.string()).max(4)).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  tool_choice: z
    .enum(['none', 'auto', 'required'])
    .or(
      z.object({
        type: z.enum(['function', 'custom', 'allowed_tools']),
        allowed_tools: z.object({ mode: z.enum(['auto', 'required']), tools: z.array(z.unknown()).min(1) }).nullish(),
      }),
    )
    .nullish(),
  tools: z.array(toolLimits).min(1).max(128).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
});

/**
 * Returns the fields of a request with values that OpenAI's API rejects, although their types are right. Other providers
 * accept some of them, e.g. a temperature of 5, so the caller decides whether they are an error.
 */
export function findLimitProblems(request: ChatRequest): ErrorDetail[] {
  const { error } = limitsSchema.safeParse(request);
  const problems = error ? flattenIssues(error.issues).map(({ path, message }) => ({ path: fieldPath(path), message })) : [];
  return [
    ...problems,
    ...findDependencyProblems(request),
    ...findPartProblems(request.messages),
    ...findCallProblems(request.messages),
  ];
}

/** Returns fields that need another field. */
function findDependencyProblems(request: ChatRequest): ErrorDetail[] {
  const { stream, stream_options, logprobs, top_logprobs, tools, tool_choice, parallel_tool_calls } = request;
  const problems: ErrorDetail[] = [];
  const refuse = (path: string, message: string) => void problems.push({ path, message });
  if (stream_options && stream !== true) refuse('stream_options', 'Allowed only with stream');
  if (typeof top_logprobs === 'number' && logprobs !== true) refuse('top_logprobs', 'Allowed only with logprobs');
  if (!tools?.length && tool_choice && tool_choice !== 'none') refuse('tool_choice', 'Allowed only with tools');
  if (!tools?.length && typeof parallel_tool_calls === 'boolean') refuse('parallel_tool_calls', 'Allowed only with tools');
  if (request.modalities?.includes('audio') && !request.audio) refuse('audio', 'Required for the modality audio');
  return problems;
}

const PARTS_OF_USER: ReadonlySet<string> = new Set(['text', 'image_url', 'input_audio', 'file']);
const PARTS_OF_ASSISTANT: ReadonlySet<string> = new Set(['text', 'refusal']);
const PARTS_OF_OTHERS: ReadonlySet<string> = new Set(['text']);

function partTypesOf(role: ChatMessage['role']): ReadonlySet<string> {
  if (role === 'user') return PARTS_OF_USER;
  return role === 'assistant' ? PARTS_OF_ASSISTANT : PARTS_OF_OTHERS;
}

/** Returns the first part that a message of its role cannot contain. */
function findPartProblems(messages: readonly ChatMessage[]): ErrorDetail[] {
  for (const [index, { role, content }] of messages.entries()) {
    if (!Array.isArray(content)) continue;
    const allowed = partTypesOf(role);
    const at = content.findIndex(({ type, image_url }) => !allowed.has(type) || typeof image_url === 'string');
    if (at < 0) continue;
    const path = `messages[${index}].content[${at}]`;
    if (content[at] && allowed.has(content[at].type)) return [{ path: `${path}.image_url`, message: 'Must be an object' }];
    return [{ path: `${path}.type`, message: `Must be one of ${[...allowed].join(', ')} in messages of the role ${role}` }];
  }
  return [];
}

/** Returns the first call, or tool message, whose id another one of the same turn has. A later turn may repeat an id. */
function findCallProblems(messages: readonly ChatMessage[]): ErrorDetail[] {
  const answered = new Set<string>();
  for (const [index, { role, tool_calls, tool_call_id }] of messages.entries()) {
    if (role === 'tool' && tool_call_id) {
      if (answered.has(tool_call_id)) return [{ path: `messages[${index}].tool_call_id`, message: DUPLICATE_ID }];
      answered.add(tool_call_id);
      continue;
    }
    answered.clear();
    // Not `indexOf`, because one message can have thousands of calls.
    const ids = new Set<string>();
    const at = tool_calls?.findIndex(({ id }) => ids.size === ids.add(id).size) ?? -1;
    if (at >= 0) return [{ path: `messages[${index}].tool_calls[${at}].id`, message: DUPLICATE_ID }];
  }
  return [];
}

const DUPLICATE_ID = 'Must differ from the other ids of the turn';
