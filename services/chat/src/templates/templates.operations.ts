import {
  createTemplateSchema,
  type PromptTemplate,
  promptTemplateListSchema,
  promptTemplateSchema,
  TEMPLATE_LIMITS,
  updateTemplateSchema,
} from '@prodigon/contracts/conversations';
import { type Operation, SERVICE_ERRORS } from '@prodigon/platform';
import type { z } from 'zod';

const START = '2026-03-01T09:30:00.000Z';
const template: PromptTemplate = {
  id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d70',
  name: 'Explain',
  content: 'Explain {{term}} to {{reader=a beginner}}.',
  kind: 'question',
  created_at: START,
  updated_at: START,
};
const { id: _id, created_at: _created, updated_at: _updated, ...input } = template;

const tag = 'conversations';
const json = (schema: z.ZodType, example: unknown) => ({ 'application/json': { schema, examples: { example } } });
const errors = ['NOT_FOUND', ...SERVICE_ERRORS] as const;

export const listTemplates = {
  operationId: 'listPromptTemplates',
  tag,
  summary: 'List prompt templates',
  description: 'Returns the prompt templates of the owner, by name.',
  responses: { 200: { description: 'The templates', content: json(promptTemplateListSchema, { templates: [template] }) } },
  errors: SERVICE_ERRORS,
} satisfies Operation;

export const createTemplate = {
  operationId: 'createPromptTemplate',
  tag,
  summary: 'Create a prompt template',
  description: `Stores a text with variables, \`{{name}}\` or \`{{name=default value}}\`. An owner has at most ${TEMPLATE_LIMITS.perOwnerMax} templates.`,
  body: json(createTemplateSchema, input),
  responses: { 201: { description: 'The template', headers: ['Location'], content: json(promptTemplateSchema, template) } },
  errors: ['CONFLICT', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS],
} satisfies Operation;

export const updateTemplate = {
  operationId: 'updatePromptTemplate',
  tag,
  summary: 'Update a prompt template',
  description: 'Changes the given fields of a prompt template.',
  body: json(updateTemplateSchema, { name: 'Explain a term' }),
  responses: {
    200: { description: 'The template', content: json(promptTemplateSchema, { ...template, name: 'Explain a term' }) },
  },
  errors: [...errors, 'INSUFFICIENT_STORAGE'],
} satisfies Operation;

export const deleteTemplate = {
  operationId: 'deletePromptTemplate',
  tag,
  summary: 'Delete a prompt template',
  description: 'Deletes a prompt template.',
  responses: { 204: { description: 'The template is deleted' } },
  errors,
} satisfies Operation;
