import {
  type CreateTemplate,
  type PromptTemplate,
  promptTemplateListSchema,
  promptTemplateSchema,
  type UpdateTemplate,
} from '@prodigon/contracts/conversations';
import type { CallInit, HttpClient } from './http-client.ts';

/** The prompt templates of the API key's owner. */
export interface TemplatesApi {
  /** Returns the templates by name. */
  list(signal?: AbortSignal): Promise<PromptTemplate[]>;
  create(template: Omit<CreateTemplate, 'kind'> & Partial<CreateTemplate>, signal?: AbortSignal): Promise<PromptTemplate>;
  update(templateId: string, changes: UpdateTemplate, signal?: AbortSignal): Promise<PromptTemplate>;
  remove(templateId: string, signal?: AbortSignal): Promise<void>;
}

const TEMPLATES = '/api/v1/chat/templates';

export function createTemplatesApi(http: HttpClient): TemplatesApi {
  return {
    list: async (signal) => (await http.json(TEMPLATES, promptTemplateListSchema, { signal })).templates,
    create: (template, signal) => http.json(TEMPLATES, promptTemplateSchema, send('POST', template, signal)),
    update: (templateId, changes, signal) => http.json(pathOf(templateId), promptTemplateSchema, send('PATCH', changes, signal)),
    async remove(templateId, signal) {
      await http.call(pathOf(templateId), { method: 'DELETE', signal });
    },
  };
}

const pathOf = (templateId: string) => `${TEMPLATES}/${encodeURIComponent(templateId)}`;

const send = (method: 'POST' | 'PATCH', body: unknown, signal: AbortSignal | undefined): CallInit => ({
  method,
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
  signal,
});
