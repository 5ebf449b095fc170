import { z } from 'zod';
import { parseField, type ResponsesRequest, unsupportedFieldError } from './responses-request.ts';

const functionToolSchema = z.object({
  type: z.literal('function'),
  name: z.string().min(1).max(64),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

/** A function that the model can call, in the format of the response object. */
export interface FunctionTool {
  type: 'function';
  name: string;
  description: string | null;
  parameters: Record<string, unknown> | null;
  strict: boolean | null;
}

const toolChoiceSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('function'), name: z.string() }),
  z.object({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(z.looseObject({ type: z.string(), name: z.string() })),
  }),
]);
export type ToolChoice = 'none' | 'auto' | 'required' | z.infer<typeof toolChoiceSchema>;

/** Returns the functions of a request. Throws `BAD_REQUEST` for tools that run at OpenAI. */
export function readTools({ tools }: ResponsesRequest): FunctionTool[] {
  return (tools ?? []).map((tool, index) => {
    const at = `tools[${index}]`;
    if (tool.type !== 'function') {
      throw unsupportedFieldError(
        `${at}.type`,
        `Tools of the type ${JSON.stringify(tool.type)} are not supported. Use tools of the type "function".`,
      );
    }
    const { type, name, description, parameters, strict } = parseField(functionToolSchema, tool, at);
    return { type, name, description: description ?? null, parameters: parameters ?? null, strict: strict ?? null };
  });
}

/** Returns which functions the model can or must call. */
export function readToolChoice({ tool_choice }: ResponsesRequest): ToolChoice {
  if (typeof tool_choice === 'string') return tool_choice;
  if (tool_choice === undefined || tool_choice === null) return 'auto';
  const { type } = tool_choice;
  if (type !== 'function' && type !== 'allowed_tools') {
    throw unsupportedFieldError('tool_choice.type', `A tool choice of the type ${JSON.stringify(type)} is not supported.`);
  }
  return parseField(toolChoiceSchema, tool_choice, 'tool_choice');
}

/** Returns `tools` and `tool_choice` of a chat completion. Without tools it returns neither, because providers reject a choice alone. */
export function toChatTools(request: ResponsesRequest): Record<string, unknown> {
  const choice = readToolChoice(request);
  const tools = readTools(request).filter(({ name }) => isAllowed(name, choice));
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ type, name, description, parameters, strict }) => ({
      type,
      function: {
        name,
        ...(description !== null && { description }),
        ...(parameters !== null && { parameters }),
        ...(strict !== null && { strict }),
      },
    })),
    ...(request.tool_choice && { tool_choice: toChatChoice(choice) }),
    ...(typeof request.parallel_tool_calls === 'boolean' && { parallel_tool_calls: request.parallel_tool_calls }),
  };
}

function isAllowed(name: string, choice: ToolChoice): boolean {
  if (typeof choice === 'string' || choice.type === 'function') return true;
  return choice.tools.some((tool) => tool.name === name);
}

function toChatChoice(choice: ToolChoice): unknown {
  if (typeof choice === 'string') return choice;
  // Only OpenAI supports a list of allowed tools. Omitting the other tools has the same effect at every provider.
  if (choice.type === 'allowed_tools') return choice.mode;
  return { type: 'function', function: { name: choice.name } };
}
