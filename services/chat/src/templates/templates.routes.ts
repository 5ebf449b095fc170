import {
  createTemplateSchema,
  promptTemplateListSchema,
  promptTemplateSchema,
  updateTemplateSchema,
} from '@prodigon/contracts/conversations';
import type { PromptTemplateStore } from '@prodigon/ports';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { CreateContext } from '../gateway-functions.ts';
import { uuidOf } from '../path-parameters.ts';
import { createTemplate, deleteTemplate, listTemplates, updateTemplate } from './templates.operations.ts';

export interface TemplatesRoutesOptions {
  readonly store: PromptTemplateStore;
  readonly createContext: CreateContext;
}

const TEMPLATES = '/api/v1/chat/templates';
const paramsSchema = z.object({ id: z.string().meta({ format: 'uuid', description: 'Id of the template' }) });

export function templatesRoutes({ store, createContext }: TemplatesRoutesOptions): FastifyPluginAsyncZod {
  const config = { access: 'caller' } as const;

  return async (app) => {
    app.get(
      TEMPLATES,
      { config: { ...config, operation: listTemplates }, schema: { response: { 200: promptTemplateListSchema } } },
      async (request, reply) => ({ templates: await store.list(createContext(request, reply).principal.id) }),
    );

    app.post(
      TEMPLATES,
      {
        config: { ...config, operation: createTemplate },
        schema: { body: createTemplateSchema, response: { 201: promptTemplateSchema } },
      },
      async (request, reply) => {
        const template = await store.create(createContext(request, reply).principal.id, request.body);
        return reply.code(201).header('location', `${TEMPLATES}/${template.id}`).send(template);
      },
    );

    app.patch(
      `${TEMPLATES}/:id`,
      {
        config: { ...config, operation: updateTemplate },
        schema: { params: paramsSchema, body: updateTemplateSchema, response: { 200: promptTemplateSchema } },
      },
      async (request, reply) => {
        const id = uuidOf(request.params.id);
        return store.update(createContext(request, reply).principal.id, id, request.body);
      },
    );

    app.delete(
      `${TEMPLATES}/:id`,
      { config: { ...config, operation: deleteTemplate }, schema: { params: paramsSchema, response: { 204: z.null() } } },
      async (request, reply) => {
        await store.remove(createContext(request, reply).principal.id, uuidOf(request.params.id));
        return reply.code(204).send(null);
      },
    );
  };
}
