import { z } from 'zod';
import { storable } from '../storable-text.ts';

export const TEMPLATE_LIMITS = {
  perOwnerMax: 500,
  nameCharactersMax: 80,
  contentCharactersMax: 100_000,
  variablesMax: 50,
} as const;

/** A variable of a template: `{{name}}`, or `{{name=default value}}`. */
// Unbounded spaces would take quadratic time.
const VARIABLE = /\{\{\s{0,8}([\p{L}\p{N}_ -]{1,64}?)\s{0,8}(?:=([^{}]{0,1000}))?\}\}/gu;

export interface TemplateVariable {
  readonly name: string;
  readonly defaultValue: string;
}

/** Returns the variables of a template by their first occurrence. */
export function templateVariables(content: string): TemplateVariable[] {
  const byName = new Map<string, TemplateVariable>();
  for (const [, name = '', defaultValue = ''] of content.matchAll(VARIABLE)) {
    const known = byName.get(name);
    if (!known || known.defaultValue === '') byName.set(name, { name, defaultValue });
  }
  return [...byName.values()].slice(0, TEMPLATE_LIMITS.variablesMax);
}

/** Returns the template with the values of its variables. A variable without a value gets its default. Values are inserted unchanged. */
export function fillTemplate(content: string, values: Readonly<Record<string, string>>): string {
  const defaults = new Map(templateVariables(content).map(({ name, defaultValue }) => [name, defaultValue]));
  return content.replace(VARIABLE, (_match, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : (defaults.get(name) ?? ''),
  );
}

const name = storable(z.string().trim().min(1).max(TEMPLATE_LIMITS.nameCharactersMax));
const content = storable(z.string().min(1).max(TEMPLATE_LIMITS.contentCharactersMax));
/** `question`: the composer inserts it. `system`: it becomes the system prompt of a conversation. */
const kind = z.enum(['question', 'system']);

export const createTemplateSchema = z
  .strictObject({ name, content, kind: kind.default('question') })
  .meta({ id: 'CreatePromptTemplate' });
export type CreateTemplate = z.infer<typeof createTemplateSchema>;

export const updateTemplateSchema = z
  .strictObject({ name: name.optional(), content: content.optional(), kind: kind.optional() })
  .meta({ id: 'UpdatePromptTemplate' });
export type UpdateTemplate = z.infer<typeof updateTemplateSchema>;

export const promptTemplateSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    content: z.string(),
    kind,
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'PromptTemplate' });
export type PromptTemplate = z.infer<typeof promptTemplateSchema>;
export const promptTemplateListSchema = z.object({ templates: z.array(promptTemplateSchema) }).meta({ id: 'PromptTemplateList' });
