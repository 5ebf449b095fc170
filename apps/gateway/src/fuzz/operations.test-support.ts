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

/** As much of JSON Schema as our descriptions use. */
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

/** In whose form a route tells its errors; one that people see may answer 404 with the page. */
export type Face = 'ours' | 'openai' | 'page';

export interface Operation {
  /** E.g. `POST /api/v1/jobs`. */
  readonly name: string;
  readonly method: string;
  /** With the names of its parameters in braces. */
  readonly path: string;
  readonly face: Face;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that it looks at, besides those that every route does. */
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

const faceOf = (path: string): Face => (/^\/(openai\/)?v1\//.test(path) ? 'openai' : 'ours');

/** Paths that no API document lists: the page and its files. */
const PAGES = ['/', '/docs', '/openapi.json', '/chat', '/favicon.svg', '/assets/{file}', '/{file}'];

/** Everything that the gateway offers, as it says itself. */
export function publicOperations({ paths, components }: OpenApiDocument): Operation[] {
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]): Operation => {
      const namesIn = (place: string) => parameters.filter((each) => each.in === place).map(({ name }) => name);
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
  return [...described, ...PAGES.map((path) => operationOf('get', path, { face: 'page' }))];
}

function operationOf(method: string, path: string, rest: Partial<Operation> = {}): Operation {
  const name = `${method.toUpperCase()} ${path}`;
  return {
    name,
    method: method.toUpperCase(),
    path,
    face: faceOf(path),
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

/** What the services say to each other; nothing describes it but the schemas. */
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
