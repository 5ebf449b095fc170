import { z } from 'zod';
import { readField, unsupported } from './read-field.ts';
import type { ResponsesRequest } from './responses-request.ts';

const functionToolSchema = z.object({
  type: z.literal('function'),
  name: z.string().min(1).max(64),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
});

/** A function that the model may call, as a Response echoes it. */
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

/** The functions of a request. Throws `BAD_REQUEST` for tools that only OpenAI itself could run. */
export function readTools({ tools }: ResponsesRequest): FunctionTool[] {
  return (tools ?? []).map((tool, index) => {
    const at = `tools[${index}]`;
    if (tool.type !== 'function') {
      throw unsupported(
        `${at}.type`,
        `Tools of the type ${JSON.stringify(tool.type)} cannot run here. Send tools of the type "function".`,
      );
    }
    const { type, name, description, parameters, strict } = readField(functionToolSchema, tool, at);
    return { type, name, description: description ?? null, parameters: parameters ?? null, strict: strict ?? null };
  });
}

/** Which of them the model may or must call. */
export function readToolChoice({ tool_choice }: ResponsesRequest): ToolChoice {
  if (typeof tool_choice === 'string') return tool_choice;
  if (tool_choice === undefined || tool_choice === null) return 'auto';
  const { type } = tool_choice;
  if (type !== 'function' && type !== 'allowed_tools') {
    throw unsupported('tool_choice.type', `A tool choice of the type ${JSON.stringify(type)} is not known here.`);
  }
  return readField(toolChoiceSchema, tool_choice, 'tool_choice');
}

/** Both in the words of a chat completion; nothing when there are no tools, since a choice alone is refused by providers. */
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
  // Only OpenAI knows a list of allowed tools; leaving the others out says the same to everyone.
  if (choice.type === 'allowed_tools') return choice.mode;
  return { type: 'function', function: { name: choice.name } };
}
