import { isText } from '@prodigon/contracts';
import { z } from 'zod';
import { type ClientToolKind, clientTool } from './client-tools.ts';
import type { Conversation } from './conversation.ts';
import { INPUT_ARGUMENT } from './custom-tool-input.ts';
import {
  type ChatPart,
  type Content,
  contentSchema,
  isContent,
  PARTS_MAX,
  textOf,
  toAssistantText,
  toChatParts,
} from './input-content.ts';
import { parseField, type ResponsesRequest, unsupportedFieldError } from './responses-request.ts';
import type { ToolNames } from './tool-names.ts';

type InputItem = Exclude<ResponsesRequest['input'], string>[number];

type PlainCheck = (item: Readonly<Record<string, unknown>>) => boolean;

const roleSchema = z.enum(['user', 'assistant', 'system', 'developer']);
const ROLES: ReadonlySet<unknown> = new Set(roleSchema.options);
const idSchema = z.string().min(1);
const messageSchema = z.object({ role: roleSchema, content: contentSchema });
const namespace = z.string().nullish();
const functionCallSchema = z.object({ call_id: idSchema, name: idSchema, namespace, arguments: z.string() });
const customCallSchema = z.object({ call_id: idSchema, name: idSchema, namespace, input: z.string() });
const callIdSchema = z.object({ call_id: idSchema, id: z.string().nullish() });
const outputSchema = z.object({ call_id: idSchema, output: contentSchema });

/** The checks of the items that a long session consists of; equal to their schemas. */
const isMessage: PlainCheck = ({ role, content }) => ROLES.has(role) && isContent(content);
const isFunctionCall: PlainCheck = ({ call_id, name, namespace, arguments: callArguments }) =>
  isText(call_id) &&
  isText(name) &&
  typeof callArguments === 'string' &&
  (namespace === undefined || namespace === null || typeof namespace === 'string');
const isOutput: PlainCheck = ({ call_id, output }) => isText(call_id) && isContent(output);

/** Outputs of `local_shell` name the call by `id`. */
const localShellOutputSchema = z.union([
  z.object({ call_id: idSchema, output: z.string() }),
  z.object({ id: idSchema, output: z.string() }).transform(({ id, output }) => ({ call_id: id, output })),
]);
const shellOutputSchema = z.object({
  call_id: idSchema,
  output: z
    .array(z.object({ stdout: z.string(), stderr: z.string(), outcome: z.record(z.string(), z.unknown()) }))
    .max(PARTS_MAX),
});
const patchOutputSchema = z.object({
  call_id: idSchema,
  status: z.enum(['completed', 'failed']),
  output: z.string().nullish(),
});

/**
 * Items that need no message. Chat completions have no field for earlier reasoning, which providers ignore or reject.
 * The results of hosted tools are in the assistant message after them.
 */
const SKIPPED_TYPES: ReadonlySet<string> = new Set([
  'additional_tools',
  'reasoning',
  'web_search_call',
  'file_search_call',
  'code_interpreter_call',
  'image_generation_call',
  'computer_call',
  'computer_call_output',
  'tool_search_call',
  'tool_search_output',
  'program',
  'program_output',
]);

interface ItemContext {
  readonly conversation: Conversation;
  readonly names: ToolNames;
  /** The path of the item, e.g. `input[0]`. */
  readonly at: string;
}
type ItemHandler = (item: InputItem, context: ItemContext) => void;

/** Adds an item to the conversation, by its type. */
const HANDLERS: Readonly<Record<string, ItemHandler>> = {
  message(item, { conversation, at }) {
    const { role, content } = parseField(messageSchema, item, at, isMessage);
    if (role === 'assistant') conversation.addAssistantText(toAssistantText(content, `${at}.content`));
    else conversation.addMessage(role === 'user' ? 'user' : 'system', toMessageContent(role, content, `${at}.content`));
  },
  function_call(item, { conversation, names, at }) {
    const called = parseField(functionCallSchema, item, at, isFunctionCall);
    conversation.addCall({ id: called.call_id, name: nameOf(names, 'function', called), arguments: called.arguments });
  },
  custom_tool_call(item, { conversation, names, at }) {
    const { call_id: id, input, ...tool } = parseField(customCallSchema, item, at);
    const callArguments = JSON.stringify({ [INPUT_ARGUMENT]: input });
    conversation.addCall({ id, name: nameOf(names, 'custom', tool), arguments: callArguments });
  },
  local_shell_call: clientCallHandler('local_shell'),
  shell_call: clientCallHandler('shell'),
  apply_patch_call: clientCallHandler('apply_patch'),
  function_call_output: addOutput,
  custom_tool_call_output: addOutput,
  local_shell_call_output(item, { conversation, at }) {
    const { call_id, output } = parseField(localShellOutputSchema, item, at);
    conversation.addOutput(call_id, textParts(output));
  },
  shell_call_output(item, { conversation, at }) {
    const { call_id, output } = parseField(shellOutputSchema, item, at);
    conversation.addOutput(call_id, textParts(JSON.stringify(output)));
  },
  apply_patch_call_output(item, { conversation, at }) {
    const { call_id, status, output } = parseField(patchOutputSchema, item, at);
    conversation.addOutput(call_id, textParts(output ? `${status}\n${output}` : status));
  },
  item_reference(_item, { at }) {
    throw unsupportedFieldError(`${at}.type`, 'Responses are not stored, so items cannot be referenced. Send the item itself.');
  },
};

/** Adds one item of the input to a conversation. Throws `BAD_REQUEST` for items without a counterpart. */
export function addItem(item: InputItem, context: ItemContext): void {
  const type = item.type ?? 'message';
  if (SKIPPED_TYPES.has(type)) return;
  const handler = Object.hasOwn(HANDLERS, type) ? HANDLERS[type] : undefined;
  if (!handler) throw unsupportedFieldError(`${context.at}.type`, `Items of the type ${JSON.stringify(type)} are not supported.`);
  handler(item, context);
}

function clientCallHandler(kind: ClientToolKind): ItemHandler {
  return (item, { conversation, names, at }) => {
    const { call_id, id } = parseField(callIdSchema, item, at);
    const callArguments = JSON.stringify(parseField(clientTool(kind).callSchema, item, at));
    conversation.addCall({ id: call_id, name: nameOf(names, kind, { name: kind }), arguments: callArguments }, id ?? undefined);
  };
}

function addOutput(item: InputItem, { conversation, at }: ItemContext): void {
  const { call_id, output } = parseField(outputSchema, item, at, isOutput);
  conversation.addOutput(call_id, toChatParts(output, `${at}.output`));
}

function nameOf(names: ToolNames, kind: string, tool: { name: string; namespace?: string | null | undefined }): string {
  return names.toChatName({ kind, name: tool.name, namespace: tool.namespace ?? undefined });
}

function toMessageContent(role: string, content: Content, at: string): string | ChatPart[] {
  const parts = toChatParts(content, at);
  if (role !== 'user' || parts.length === 0) return textOf(parts, at);
  const [first] = parts;
  return parts.length === 1 && first?.type === 'text' ? first.text : parts;
}

function textParts(text: string): ChatPart[] {
  return [{ type: 'text', text }];
}
