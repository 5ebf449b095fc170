import type { ErrorCode } from '@prodigon/contracts';
import {
  headerReferences,
  type Operation,
  type OperationContents,
  type OperationResponse,
  RESPONSE_HEADERS,
} from '@prodigon/platform';
import type { RouteOptions } from 'fastify';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiContentObject,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { createErrorResponses, errorResponseName, errorStatuses } from './error-responses.ts';

/** The groups of operations, in the order of the API reference. */
const TAGS = [
  { name: 'generation', description: 'One prompt, one response, complete or streamed.' },
  { name: 'conversations', description: 'Conversations that the platform stores, and responses that continue without a reader.' },
  { name: 'jobs', description: 'Batches of prompts that run in the background and survive restarts.' },
  { name: 'models', description: 'The models of all providers, with prices, limits and health.' },
  { name: 'usage', description: 'What your requests used and cost.' },
  { name: 'keys', description: 'API keys of the team, with their owners, limits and budgets.' },
  { name: 'openai', description: "OpenAI's API. OpenAI clients work with Prodigon after a change of their base URL." },
  { name: 'workshop', description: 'Tasks, checks and experiments of the workshop.' },
  { name: 'content', description: 'The documentation pages of the platform.' },
  { name: 'system', description: 'The state of all services.' },
  { name: 'operations', description: 'Health, readiness and metrics, for probes and monitoring.' },
];

const API_DESCRIPTION = [
  'The public API of a Prodigon gateway. Field names use snake_case. Times are ISO 8601 in UTC.',
  'If the platform requires a key, send `Authorization: Bearer <key>`. It does if `REQUIRE_API_KEY` is on, or by default if `API_KEYS` is set.',
  'Errors have a code, a message and the id of the request. Errors below `/v1` have the format of OpenAI.',
  'Streams are server-sent events. The schema of a stream is text, and its `contentSchema` describes the events.',
  'The operations below `/v1` are also available below `/openai/v1`, the path that groq-sdk uses.',
].join('\n\n');

/** Errors that any route can return. */
const COMMON_ERRORS: readonly ErrorCode[] = ['BAD_REQUEST', 'FORBIDDEN', 'INTERNAL_ERROR'];
/** Errors of methods that can have a body, even if the route ignores it. */
const BODY_ERRORS: readonly ErrorCode[] = ['INVALID_JSON', 'REQUEST_TIMEOUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

interface RouteSchemas {
  readonly params?: z.ZodObject;
  readonly querystring?: z.ZodType;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
}

export interface DocumentedRoute {
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly operation: Operation;
  readonly schemas: RouteSchemas;
}

/** Returns what the document needs of a route; undefined for a route without a description. */
export function toDocumentedRoute({ method, url, config, schema }: RouteOptions): DocumentedRoute | undefined {
  // Fastify adds a HEAD route to each GET route.
  if (!config?.operation || method === 'HEAD') return undefined;
  const { operation } = config;
  const path = operation.path ?? url.replaceAll(/:(\w+)/g, '{$1}');
  return {
    method: String(method).toLowerCase(),
    path,
    isPublic: config.access === 'public',
    operation,
    schemas: (schema ?? {}) as RouteSchemas,
  };
}

/** Creates the OpenAPI document of the routes. `isOpenAiPath` returns whether a path's errors have OpenAI's format. */
export function createOpenApiDocument(
  routes: readonly DocumentedRoute[],
  { version, isOpenAiPath }: { version: string; isOpenAiPath: (path: string) => boolean },
): object {
  const items: Record<string, z.ZodType> = {};
  const paths: ZodOpenApiPathsObject = {};
  const errorResponses = { ...createErrorResponses('platform'), ...createErrorResponses('openai') };
  for (const route of routes) {
    const described = describeRoute(route, isOpenAiPath(route.path) ? 'openai' : 'platform', items);
    paths[route.path] = { ...paths[route.path], [route.method]: described };
  }

  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: 'Prodigon',
      version,
      description: API_DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'Prodigon maintainers' },
    },
    servers: [{ url: '/', description: 'The gateway that serves this document' }],
    security: [{}, { key: [] }],
    tags: TAGS,
    paths,
    components: {
      schemas: items,
      headers: RESPONSE_HEADERS as NonNullable<ZodOpenApiObject['components']>['headers'] & object,
      responses: usedIn(paths, errorResponses),
      parameters: { RequestId: REQUEST_ID },
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'Required if `REQUIRE_API_KEY` is on, by default if `API_KEYS` is set',
        },
      },
    },
  };
  return createDocument(document, { override: overrideSchema, allowEmptySchema: { custom: true, pipe: true, transform: true } });
}

function usedIn<Response>(paths: ZodOpenApiPathsObject, responses: Record<string, Response>): Record<string, Response> {
  const used = new Set(
    Object.values(paths).flatMap((path) =>
      Object.values(path as Record<string, { responses?: Record<string, { $ref?: string }> }>).flatMap((operation) =>
        Object.values(operation.responses ?? {}).map(({ $ref }) => $ref?.split('/').at(-1)),
      ),
    ),
  );
  return Object.fromEntries(Object.entries(responses).filter(([name]) => used.has(name)));
}

const REQUEST_ID = {
  name: 'X-Request-ID',
  in: 'header',
  description: 'Your id of the request, up to 128 letters, digits, `.`, `_` and `-`. For any other value Prodigon makes an id.',
  schema: { type: 'string' },
  example: 'import-2026-03-01.1',
} as const;

type ErrorFormat = Parameters<typeof errorStatuses>[1];

function describeRoute(
  { method, isPublic, operation, schemas }: DocumentedRoute,
  format: ErrorFormat,
  items: Record<string, z.ZodType>,
): ZodOpenApiOperationObject {
  const { operationId, tag, summary, description, body, responses } = operation;
  const query = schemas.querystring ?? operation.query;
  const header = schemas.headers ?? operation.headers;
  const isValidated = Boolean(schemas.params ?? query ?? header ?? schemas.body ?? body);
  const codes = [
    ...COMMON_ERRORS,
    ...(isPublic ? [] : (['UNAUTHENTICATED'] as const)),
    ...(method === 'get' ? [] : BODY_ERRORS),
    // OpenAI's format has the status 400 for it, which any route can return.
    ...(isValidated && format === 'platform' ? (['VALIDATION_ERROR'] as const) : []),
    ...(operation.errors ?? []),
  ];
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    parameters: [{ $ref: '#/components/parameters/RequestId' }],
    requestParams: {
      ...(schemas.params && { path: withDocumentedName(schemas.params, operation.path) }),
      ...(query && { query: query as z.ZodObject }),
      ...(header && { header }),
    },
    ...(body && { requestBody: { required: true, content: describeContents(body, items) } }),
    ...(isPublic && { security: [] }),
    responses: {
      ...Object.fromEntries(
        errorStatuses(codes, format).map((status) => [
          status,
          { $ref: `#/components/responses/${errorResponseName(status, format)}` },
        ]),
      ),
      ...Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, describeResponse(response, items)])),
    },
  };
}

/** A wildcard has no name, so the only parameter in the documented path names it. */
function withDocumentedName(params: z.ZodObject, path: string | undefined): z.ZodObject {
  const name = /\{(\w+)\}/.exec(path ?? '')?.[1];
  const { '*': wildcard, ...rest } = params.shape;
  return name && wildcard ? z.object({ ...rest, [name]: wildcard }) : params;
}

function describeResponse(
  { description, content, headers = [] }: OperationResponse,
  items: Record<string, z.ZodType>,
): ZodOpenApiResponseObject {
  return {
    description,
    headers: headerReferences(['X-Request-ID', 'X-Process-Time', ...headers]),
    ...(content && { content: describeContents(content, items) }),
  };
}

/** Adds the schemas of events and lines to `items`, because bodies refer to them by name. */
function describeContents(contents: OperationContents, items: Record<string, z.ZodType>): ZodOpenApiContentObject {
  return Object.fromEntries(
    Object.entries(contents).map(([mediaType, { schema, examples = {}, items: item }]) => {
      const named = Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));
      const hasExamples = Object.keys(named).length > 0;
      return [
        mediaType,
        { schema: item ? textOf(item, { schema, mediaType, items }) : schema, ...(hasExamples && { examples: named }) },
      ];
    }),
  );
}

interface TextContext {
  schema: z.ZodType;
  mediaType: string;
  items: Record<string, z.ZodType>;
}

function textOf(item: z.ZodType, { schema, mediaType, items }: TextContext): z.ZodType {
  const id = item.meta()?.id;
  if (id === undefined) throw new Error(`The schema of the items of ${mediaType} needs an id.`);
  items[id] = item;
  return schema.meta({ contentMediaType: mediaType, contentSchema: { $ref: `#/components/schemas/${id}` } });
}

/** Adapts the JSON Schema of a zod schema to what clients may rely on. */
function overrideSchema({
  zodSchema,
  jsonSchema,
  io,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
  io: 'input' | 'output';
}): void {
  const { def } = zodSchema._zod;
  // Later versions may add fields to responses.
  if (io === 'output' && def.type === 'object' && !def.catchall) delete jsonSchema.additionalProperties;
  // The first schema of a conversion from text has no limits, the second one does.
  if (io === 'input' && def.type === 'pipe' && 'coerce' in def.in._zod.def && def.in._zod.def.coerce) {
    const { $schema, ...target } = z.toJSONSchema(def.out, { io });
    Object.assign(jsonSchema, target);
  }
  // Generators of clients know no tuples. All items of the API's tuples have one schema.
  if (jsonSchema.prefixItems) {
    const { prefixItems } = jsonSchema;
    delete jsonSchema.prefixItems;
    Object.assign(jsonSchema, { items: prefixItems[0], minItems: prefixItems.length, maxItems: prefixItems.length });
  }
}
