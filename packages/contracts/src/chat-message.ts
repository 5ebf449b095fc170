import { z } from 'zod';
import { type FieldProblem, flattenIssues } from './field-problems.ts';
import { isRecord } from './json-values.ts';

/** A list with a limit is not validated beyond it, so that a wrong list of any length is rejected immediately. */
const PARTS_MAX = 2_048;
const TOOL_CALLS_MAX = 8_192;

const text = z.string();
const functionCallSchema = z.looseObject({ name: text, arguments: text });

/** A part of a message. The content of a part is in the field that has the name of its type. */
const contentPartSchema = z.looseObject({
  type: text,
  text: text.nullish(),
  refusal: text.nullish(),
  image_url: z.union([z.looseObject({ url: text }), text]).nullish(),
  input_audio: z.looseObject({ data: text, format: text }).nullish(),
  file: z.looseObject({}).nullish(),
});

const toolCallSchema = z.looseObject({
  id: text,
  type: text.nullish(),
  function: functionCallSchema.nullish(),
  custom: z.looseObject({ name: text, input: text }).nullish(),
});

export const chatContentSchema = z.union([text, z.array(contentPartSchema).min(1).max(PARTS_MAX)], {
  error: 'Must be a string or an array of parts',
});

export const chatMessageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: chatContentSchema.nullish(),
  name: text.nullish(),
  tool_call_id: text.nullish(),
  tool_calls: z.array(toolCallSchema).max(TOOL_CALLS_MAX).nullish(),
  function_call: functionCallSchema.nullish(),
  refusal: text.nullish(),
  audio: z.looseObject({ id: text }).nullish(),
});
export type ChatMessage = z.infer<typeof chatMessageSchema>;

/** Types of parts that OpenAI documents. */
const KNOWN_PARTS: ReadonlySet<string> = new Set(['text', 'refusal', 'image_url', 'input_audio', 'file']);

/**
 * Finds the problems of the first invalid message. Most messages have one of few forms, which a loop checks far faster than
 * the schema; the schema checks all others.
 */
export function findMessageProblems(messages: readonly ChatMessage[]): readonly FieldProblem[] {
  // Not `entries()`, because a request can have thousands of messages.
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as ChatMessage;
    if (isPlainMessage(message)) continue;
    const problems = findProblemsOf(message);
    if (problems.length > 0) return problems.map(({ path, message }) => ({ path: ['messages', index, ...path], message }));
  }
  return [];
}

const PLAIN_ROLES: ReadonlySet<unknown> = new Set(['system', 'developer', 'user', 'assistant']);

/** Returns whether a message consists of a role and texts, so that it needs no other check. */
function isPlainMessage(message: unknown): boolean {
  if (!isRecord(message) || !PLAIN_ROLES.has(message.role)) return false;
  for (const field in message) if (field !== 'role' && field !== 'content') return false;
  const { content } = message;
  if (typeof content === 'string') return true;
  return Array.isArray(content) && content.length > 0 && content.length <= PARTS_MAX && content.every(isTextPart);
}

function isTextPart(part: unknown): boolean {
  return isRecord(part) && part.type === 'text' && typeof part.text === 'string' && part.refusal === undefined;
}

function findProblemsOf(message: ChatMessage): readonly FieldProblem[] {
  const { error } = chatMessageSchema.safeParse(message);
  if (error) return flattenIssues(error.issues);
  return [findRoleProblem(message) ?? findPartProblem(message)].filter((problem) => problem !== undefined);
}

function findRoleProblem(message: ChatMessage): FieldProblem | undefined {
  const { role, tool_call_id, name, tool_calls } = message;
  if (role === 'tool' && !tool_call_id) return { path: ['tool_call_id'], message: 'Required in messages of the role tool' };
  if (role === 'function' && !name) return { path: ['name'], message: 'Required in messages of the role function' };
  if (tool_calls) {
    const index = tool_calls.findIndex((call) => !call.function && !call.custom);
    if (index >= 0) return { path: ['tool_calls', index, 'function'], message: 'Required' };
  }
  if (typeof message.content === 'string' || message.content) return undefined;
  if (role === 'function' || (role === 'assistant' && hasOtherContent(message))) return undefined;
  return {
    path: ['content'],
    message: role === 'assistant' ? 'Required without tool_calls, refusal, function_call and audio' : 'Required',
  };
}

function hasOtherContent({ tool_calls, refusal, function_call, audio }: ChatMessage): boolean {
  return Boolean(tool_calls?.length || function_call || audio) || typeof refusal === 'string';
}

function findPartProblem({ content }: ChatMessage): FieldProblem | undefined {
  if (!Array.isArray(content)) return undefined;
  const index = content.findIndex((part) => KNOWN_PARTS.has(part.type) && (part[part.type] ?? null) === null);
  const type = content[index]?.type;
  return type === undefined ? undefined : { path: ['content', index, type], message: `Required in parts of the type ${type}` };
}

/** Returns the text of a message, without its other parts. */
export function messageText({ content }: ChatMessage): string {
  if (typeof content === 'string') return content;
  return (content ?? []).flatMap(({ text }) => text ?? []).join('\n');
}
