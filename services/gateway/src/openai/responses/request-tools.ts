import { isRecord } from '@prodigon/contracts';
import { z } from 'zod';
import { clientTool, isClientTool } from './client-tools.ts';
import { INPUT_ARGUMENT } from './custom-tool-input.ts';
import { parseField, type ResponsesRequest, unsupportedFieldError } from './responses-request.ts';
import { createToolNames, type ToolIdentity, type ToolNames } from './tool-names.ts';

/** A tool as the client sends it. */
export type RequestTool = Readonly<Record<string, unknown>> & { readonly type: string };

export interface RequestTools {
  readonly names: ToolNames;
  /** `tools`, `tool_choice` and `parallel_tool_calls` of a chat completion. */
  readonly chatFields: Readonly<Record<string, unknown>>;
  /** The types of the hosted tools in the request. */
  readonly ignoredTypes: readonly string[];
}

/** Tools that run at OpenAI. A model can respond without them, so `readTools` ignores them unless the model must call one. */
const HOSTED_TYPES: ReadonlySet<string> = new Set([
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
  'file_search',
  'code_interpreter',
  'image_generation',
  'computer',
  'computer_use',
  'computer_use_preview',
  'programmatic_tool_calling',
  'tool_search',
]);

const NAME = /^[A-Za-z0-9_-]+$/;
const NAME_CHARACTERS_MAX = 128;
const nameSchema = z.string().max(NAME_CHARACTERS_MAX).regex(NAME, 'Use letters, digits, underscores and hyphens only');
const functionSchema = z.object({
  name: nameSchema,
  description: z.string().nullish(),
  // A record would be copied.
  parameters: z.custom<Record<string, unknown>>(isRecord, 'Use a JSON schema').nullish(),
  strict: z.boolean().nullish(),
});
/** OpenAI accepts dots in the names of custom tools and namespaces, but not of functions. */
const dottedNameSchema = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_.-]+$/, 'Use letters, digits, underscores, hyphens and dots only');
/** Equal to `functionSchema`. */
function isFunction({ name, description, parameters, strict }: Readonly<Record<string, unknown>>): boolean {
  return (
    typeof name === 'string' &&
    name.length <= NAME_CHARACTERS_MAX &&
    NAME.test(name) &&
    (description === undefined || description === null || typeof description === 'string') &&
    (parameters === undefined || parameters === null || isRecord(parameters)) &&
    (strict === undefined || strict === null || typeof strict === 'boolean')
  );
}
const customSchema = z.object({
  name: dottedNameSchema,
  description: z.string().nullish(),
  format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('grammar'), syntax: z.enum(['lark', 'regex']), definition: z.string() }),
    ])
    .nullish(),
});
const namespaceSchema = z.object({
  name: dottedNameSchema,
  description: z.string().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).max(128),
});
const shellSchema = z.object({ environment: z.object({ type: z.string() }).nullish() });
const additionalToolsSchema = z.object({ tools: z.array(z.looseObject({ type: z.string() })).max(128) });

interface DeclaredTool extends ToolIdentity {
  /** The function of a chat completion, without its name. */
  readonly definition: Readonly<Record<string, unknown>>;
}
interface IgnoredTool {
  readonly type: string;
  readonly at: string;
}

/** Reads the tools of a request. Throws `BAD_REQUEST` if the model must call a tool that cannot run. */
export function readTools(request: ResponsesRequest): RequestTools {
  const declared: DeclaredTool[] = [];
  const ignored: IgnoredTool[] = [];
  for (const { tool, at } of requestTools(request)) {
    if (isHosted(tool, at)) ignored.push({ type: tool.type, at: `${at}.type` });
    else declared.push(...readTool(tool, at));
  }
  const isPlain = ({ kind, namespace }: ToolIdentity) => kind === 'function' && namespace === undefined;
  const names = createToolNames(declared.filter(isPlain));
  const { allowed, choice } = readChoice(request, { declared, ignored, names });
  const chatTools = new Map<string, object>();
  for (const tool of allowed) {
    const name = names.toChatName(tool);
    chatTools.set(name, { type: 'function', function: { name, ...tool.definition } });
  }
  return {
    names,
    ignoredTypes: [...new Set(ignored.map(({ type }) => type))],
    chatFields:
      chatTools.size === 0
        ? {} // Providers reject a choice without tools.
        : {
            tools: [...chatTools.values()],
            ...(choice !== undefined && { tool_choice: choice }),
            ...(typeof request.parallel_tool_calls === 'boolean' && { parallel_tool_calls: request.parallel_tool_calls }),
          },
  };
}

/** Yields the tools of the request and of its `additional_tools` items, in order. */
function* requestTools({ tools, input }: ResponsesRequest): Generator<{ tool: RequestTool; at: string }> {
  for (const [index, tool] of (tools ?? []).entries()) yield { tool, at: `tools[${index}]` };
  if (typeof input === 'string') return;
  for (const [itemIndex, item] of input.entries()) {
    if (item.type !== 'additional_tools') continue;
    const at = `input[${itemIndex}]`;
    const added = parseField(additionalToolsSchema, item, at);
    for (const [index, tool] of added.tools.entries()) yield { tool, at: `${at}.tools[${index}]` };
  }
}

function isHosted(tool: RequestTool, at: string): boolean {
  if (HOSTED_TYPES.has(tool.type)) return true;
  if (tool.type !== 'shell') return false;
  const { environment } = parseField(shellSchema, tool, at);
  return environment !== null && environment !== undefined && environment.type !== 'local';
}

function readTool(tool: RequestTool, at: string): DeclaredTool[] {
  if (tool.type !== 'namespace') return [readCallable(tool, at)];
  const { name: namespace, description, tools } = parseField(namespaceSchema, tool, at);
  return tools.map((each, index) => {
    const nestedAt = `${at}.tools[${index}]`;
    if (each.type !== 'function' && each.type !== 'custom') throw unsupportedToolError(each.type, nestedAt);
    const nested = readCallable(each, nestedAt);
    if (index > 0 || !description) return { ...nested, namespace };
    // A chat completion has no field for the description of a namespace.
    const own = nested.definition.description;
    const definition = { ...nested.definition, description: own ? `${description}\n\n${own}` : description };
    return { ...nested, namespace, definition };
  });
}

function readCallable(tool: RequestTool, at: string): DeclaredTool {
  const { type: kind } = tool;
  if (kind === 'function') {
    const { name, description, parameters, strict } = parseField(functionSchema, tool, at, isFunction);
    // Undefined fields are not sent. Spreading conditional fields instead costs a third of reading a tool.
    const definition = {
      description: description ?? undefined,
      parameters: parameters ?? undefined,
      strict: strict ?? undefined,
    };
    return { kind, name, definition };
  }
  if (kind === 'custom') return readCustomTool(tool, at);
  if (!isClientTool(kind)) throw unsupportedToolError(kind, at);
  const { description, parameters } = clientTool(kind);
  return { kind, name: kind, definition: { description, parameters } };
}

/** Returns a custom tool as a function with one string argument, because few providers support custom tools. */
function readCustomTool(tool: RequestTool, at: string): DeclaredTool {
  const { name, description, format } = parseField(customSchema, tool, at);
  const grammar =
    format?.type === 'grammar' ? `The input must match this ${format.syntax} grammar:\n${format.definition}` : undefined;
  const parameters = {
    type: 'object',
    properties: { [INPUT_ARGUMENT]: { type: 'string', description: 'The input of the tool, as plain text' } },
    required: [INPUT_ARGUMENT],
    additionalProperties: false,
  };
  const text = [description, grammar].filter((each) => each != null).join('\n\n');
  return { kind: 'custom', name, definition: { ...(text !== '' && { description: text }), parameters } };
}

function unsupportedToolError(type: string, at: string) {
  return unsupportedFieldError(`${at}.type`, `Tools of the type ${JSON.stringify(type)} are not supported.`);
}

interface ReadTools {
  readonly declared: readonly DeclaredTool[];
  readonly ignored: readonly IgnoredTool[];
  readonly names: ToolNames;
}

const allowedToolsSchema = z.object({
  mode: z.enum(['auto', 'required']),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().nullish() })).max(128),
});
const namedToolSchema = z.object({ type: z.string(), name: z.string().nullish(), namespace: z.string().nullish() });

/** Returns which tools the model may call, and the choice for a chat completion. */
function readChoice(
  { tool_choice: requested }: ResponsesRequest,
  { declared, ignored, names }: ReadTools,
): { allowed: readonly DeclaredTool[]; choice?: unknown } {
  if (requested === undefined || requested === null) return { allowed: declared };
  if (requested === 'auto' || requested === 'none') return { allowed: declared, choice: requested };
  if (requested === 'required') {
    rejectHosted(ignored);
    rejectEmpty(declared);
    return { allowed: declared, choice: requested };
  }
  if (requested.type !== 'allowed_tools') {
    const [tool] = findTools(requested, declared, 'tool_choice');
    return { allowed: declared, choice: { type: 'function', function: { name: tool && names.toChatName(tool) } } };
  }
  const { mode, tools } = parseField(allowedToolsSchema, requested, 'tool_choice');
  // Only OpenAI supports a list of allowed tools. Omitting the other tools has the same effect at every provider.
  const allowed = tools.flatMap((tool, index) => {
    const at = `tool_choice.tools[${index}]`;
    return mode === 'auto' && ignored.some(({ type }) => type === tool.type) ? [] : findTools(tool, declared, at);
  });
  if (mode === 'required') rejectEmpty(allowed);
  const allowedTools = new Set(allowed);
  return { allowed: declared.filter((tool) => allowedTools.has(tool)), choice: mode };
}

/** A model that must call a tool needs one. */
function rejectEmpty(tools: readonly DeclaredTool[]): void {
  if (tools.length === 0) throw unsupportedFieldError('tool_choice', 'The tool choice "required" requires at least one tool.');
}

function rejectHosted([first]: readonly IgnoredTool[]): void {
  if (first) throw unsupportedToolError(first.type, first.at.replace(/\.type$/, ''));
}

/** Returns the tools with this type and name. Throws `BAD_REQUEST` when the request has none. */
function findTools(choice: RequestTool, declared: readonly DeclaredTool[], at: string): DeclaredTool[] {
  const { type, namespace, ...named } = parseField(namedToolSchema, choice, at);
  const name = named.name ?? type;
  if (HOSTED_TYPES.has(type) || type === 'mcp') throw unsupportedToolError(type, at);
  const isNamed = (tool: DeclaredTool) =>
    type === 'namespace' ? tool.namespace === name : tool.kind === type && tool.name === name;
  const found = declared.filter((tool) => isNamed(tool) && (!namespace || tool.namespace === namespace));
  if (found.length === 0)
    throw unsupportedFieldError(at, `The request has no tool of the type ${JSON.stringify(type)} with this name.`);
  const direct = found.filter((tool) => tool.namespace === undefined);
  return direct.length > 0 ? direct : found;
}
