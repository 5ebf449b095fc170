import {
  chatRequestSchema,
  embeddingRequestSchema,
  jobItemsQuerySchema,
  jobListQuerySchema,
  jobOptionsSchema,
  jobResultsQuerySchema,
} from '@prodigon/contracts';
import { INTERNAL_HEADERS, SUBMISSION_TYPE } from '@prodigon/platform';
import { z } from 'zod';

/** The subset of JSON Schema in the OpenAPI document. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: SchemasByName;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}
export type SchemasByName = Readonly<Record<string, JsonSchema>>;

/** Format of a route's errors. A web UI route may return 404 with HTML. */
export type EndpointKind = 'platform' | 'openai' | 'web';

export interface Operation {
  /** E.g. `POST /api/v1/jobs`. */
  readonly name: string;
  readonly method: string;
  /** Contains parameter names in braces. */
  readonly path: string;
  readonly endpoint: EndpointKind;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that this route reads, without those that all routes read. */
  readonly headerNames: readonly string[];
  readonly body?: { readonly mediaType: string; readonly schema: JsonSchema };
  readonly schemas: SchemasByName;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: SchemasByName };
}
interface OpenApiOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
}

const endpointOf = (path: string): EndpointKind => (/^\/(openai\/)?v1\//.test(path) ? 'openai' : 'platform');

/** Operations that are also tested below `/openai/v1`. All copies share their handlers and are not in the OpenAPI document. */
const ALIASED = new Set(['POST /v1/chat/completions', 'GET /v1/models', 'GET /v1/models/{model}']);

/** Paths of the web UI and the documentation, which the OpenAPI document does not list. */
const WEB_UI_PATHS = ['/', '/docs', '/openapi.json', '/chat', '/favicon.svg', '/assets/{file}', '/{file}'];

/** Returns the operations of the gateway's OpenAPI document and of the web UI. */
export function publicOperations({ paths, components }: OpenApiDocument): Operation[] {
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Operation => {
      const namesIn = (location: string) => parameters.filter((parameter) => parameter.in === location).map(({ name }) => name);
      const schema = requestBody?.content['application/json']?.schema;
      return {
        ...operationOf(method, path),
        query: namesIn('query'),
        headerNames: namesIn('header'),
        ...(schema && { body: { mediaType: 'application/json', schema } }),
        schemas: components.schemas,
      };
    }),
  );
  const aliases = documented.filter(({ name }) => ALIASED.has(name));
  return [
    ...documented,
    ...aliases.map(({ method, path, ...rest }) => ({
      ...rest,
      method,
      path: `/openai${path}`,
      name: `${method} /openai${path}`,
    })),
    ...WEB_UI_PATHS.map((path) => operationOf('get', path, { endpoint: 'web' })),
  ];
}

function operationOf(method: string, path: string, rest: Partial<Operation> = {}): Operation {
  const name = `${method.toUpperCase()} ${path}`;
  return {
    name,
    method: method.toUpperCase(),
    path,
    endpoint: endpointOf(path),
    query: [],
    headers: {},
    headerNames: [],
    schemas: {},
    ...rest,
  };
}

const schemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
const namesOf = (schema: z.ZodObject): string[] => Object.keys(schema.shape);
const JSON_TYPE = 'application/json';

/** Returns the internal operations of a service. */
export function internalOperations(service: 'model' | 'worker', internalToken: string): Operation[] {
  const chat = { mediaType: JSON_TYPE, schema: schemaOf(chatRequestSchema) };
  const streamHeaders = { [INTERNAL_HEADERS.streamFormat]: 'events', [INTERNAL_HEADERS.generationId]: 'generation-of-a-test' };
  const submission = z.object({
    options: jobOptionsSchema,
    idempotencyKey: z.string().optional(),
    source: z.object({ type: z.literal('prompts'), prompts: z.array(z.string()) }),
  });
  const jobs = '/internal/v1/jobs';
  const job = `${jobs}/{jobId}`;
  const operations = {
    model: [
      operationOf('get', '/internal/v1/models'),
      operationOf('get', '/internal/v1/usage', { query: ['from', 'to'] }),
      operationOf('post', '/internal/v1/chat', { body: chat }),
      operationOf('post', '/internal/v1/chat/stream', { body: chat, headers: streamHeaders }),
      operationOf('post', '/internal/v1/embeddings', {
        body: { mediaType: JSON_TYPE, schema: schemaOf(embeddingRequestSchema) },
      }),
    ],
    worker: [
      operationOf('post', jobs, { body: { mediaType: SUBMISSION_TYPE, schema: schemaOf(submission) } }),
      operationOf('get', jobs, { query: namesOf(jobListQuerySchema) }),
      operationOf('get', `${jobs}/activity`),
      operationOf('get', job),
      operationOf('get', `${job}/items`, { query: namesOf(jobItemsQuerySchema) }),
      operationOf('get', `${job}/results`, { query: namesOf(jobResultsQuerySchema) }),
      operationOf('get', `${job}/events`, { query: ['sequence', 'index'] }),
      operationOf('post', `${job}/cancel`),
      operationOf('post', `${job}/retry`),
      operationOf('delete', job),
    ],
  };
  return operations[service].map((operation) => ({
    ...operation,
    schemas: operation.body?.schema.$defs ?? {},
    headers: { ...operation.headers, authorization: `Bearer ${internalToken}` },
    headerNames: [...Object.keys(operation.headers), ...Object.values(INTERNAL_HEADERS)],
  }));
}
