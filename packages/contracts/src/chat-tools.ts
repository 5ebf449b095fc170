import { z } from 'zod';
import type { FieldProblem } from './field-problems.ts';

const text = z.string();
/** A JSON Schema. It passes to the provider unread. */
const jsonSchema = z.looseObject({});

export const functionSchema = z.looseObject({
  name: text,
  description: text.nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
});

export const chatToolSchema = z.looseObject({
  type: text,
  function: functionSchema.nullish(),
  custom: z.looseObject({ name: text, description: text.nullish(), format: z.looseObject({ type: text }).nullish() }).nullish(),
});
export type ChatTool = z.infer<typeof chatToolSchema>;

const namedSchema = z.looseObject({ name: text });
const toolReferenceSchema = z.looseObject({ type: text, function: namedSchema.nullish(), custom: namedSchema.nullish() });

export const toolChoiceSchema = z.union(
  [
    text,
    toolReferenceSchema.extend({
      allowed_tools: z.looseObject({ mode: text, tools: z.array(toolReferenceSchema).max(2_048) }).nullish(),
    }),
  ],
  { error: 'Must be none, auto, required, or an object that names tools' },
);
export type ToolChoice = z.infer<typeof toolChoiceSchema>;

export const responseFormatSchema = z.looseObject({
  type: text,
  json_schema: z
    .looseObject({ name: text, description: text.nullish(), schema: jsonSchema, strict: z.boolean().nullish() })
    .nullish(),
});

interface ToolFields {
  readonly tools?: readonly ChatTool[] | null | undefined;
  readonly tool_choice?: ToolChoice | null | undefined;
}

/** Finds the first tool without its definition, or a choice of a tool that is not among them. */
export function findToolProblem({ tools, tool_choice: choice }: ToolFields): FieldProblem | undefined {
  for (const [index, tool] of tools?.entries() ?? []) {
    if ((tool.type === 'function' || tool.type === 'custom') && !tool[tool.type]) {
      return { path: ['tools', index, tool.type], message: 'Required' };
    }
  }
  return typeof choice === 'object' && choice ? findChoiceProblem(choice, tools ?? []) : undefined;
}

function findChoiceProblem(choice: Exclude<ToolChoice, string>, tools: readonly ChatTool[]): FieldProblem | undefined {
  const { type, allowed_tools: allowed } = choice;
  if (type === 'function' || type === 'custom') {
    const name = choice[type]?.name;
    if (name === undefined) return { path: ['tool_choice', type], message: 'Required' };
    return hasTool(tools, type, name) ? undefined : unknownTool(['tool_choice', type, 'name']);
  }
  if (type !== 'allowed_tools') return undefined;
  if (!allowed) return { path: ['tool_choice', 'allowed_tools'], message: 'Required' };
  for (const [index, each] of allowed.tools.entries()) {
    if (each.type !== 'function' && each.type !== 'custom') continue;
    const name = each[each.type]?.name;
    const path = ['tool_choice', 'allowed_tools', 'tools', index, each.type];
    if (name === undefined) return { path, message: 'Required' };
    if (!hasTool(tools, each.type, name)) return unknownTool([...path, 'name']);
  }
  return undefined;
}

function unknownTool(path: FieldProblem['path']): FieldProblem {
  return { path, message: 'No tool of the request has this name' };
}

function hasTool(tools: readonly ChatTool[], type: string, name: string): boolean {
  return tools.some((tool) => tool.type === type && (tool.function ?? tool.custom)?.name === name);
}
