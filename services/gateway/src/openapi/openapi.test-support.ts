import type { UsageReport } from '@prodigon/contracts';
import { createEmbedderProvider, createSimulatorProvider } from '@prodigon/model-providers';
import type { JobSubmission, JobsClient, KeyStore, LabClient } from '@prodigon/ports';
import { createNoopUsageStore } from '@prodigon/storage';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { type GatewayOptions, type OnClose, startPlatform } from '../gateway-harness.test-support.ts';
import { createMemoryKeys } from '../keys/memory-key-store.test-support.ts';
import { exampleChatStores } from './example-chat-stores.test-support.ts';

interface Content {
  readonly schema: JsonSchema;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface JsonSchema {
  readonly $ref?: string;
  readonly contentSchema?: JsonSchema;
}
export type Contents = Readonly<Record<string, Content>>;
export interface ResponseDescription {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly $ref: string }>>;
  readonly content?: Contents;
}
export interface Parameter {
  readonly $ref?: string;
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: { readonly examples?: readonly string[] };
}
export interface OperationDescription {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Contents };
  readonly responses: Readonly<Record<string, ResponseDescription>>;
}
export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationDescription>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Record<string, never>>>;
    readonly responses: Readonly<Record<string, ResponseDescription>>;
    readonly headers: Readonly<Record<string, { readonly required?: boolean }>>;
  };
}

/** Starts a gateway with offline models and with jobs that exist only in the examples of its OpenAPI document. */
export async function startDocumentedGateway(options: GatewayOptions, onClose?: OnClose) {
  const routes: RouteOptions[] = [];
  let document: Document | undefined;
  const exampleOf = (operationId: string) => {
    const operation = operationsOf(document as Document).find((each) => each.operation.operationId === operationId)?.operation;
    const [response] =
      Object.entries(operation?.responses ?? {})
        .find(([status]) => status.startsWith('2'))
        ?.slice(1) ?? [];
    const [content] = Object.values((response as ResponseDescription).content ?? {});
    return Object.values(content?.examples ?? {})[0]?.value;
  };
  const text = async (operationId: string) =>
    (async function* () {
      yield Buffer.from(String(exampleOf(operationId)));
    })();
  const jobs = {
    create: async ({ source }: JobSubmission) => {
      if (source.type === 'file') for await (const _ of source.bytes);
      return { job: exampleOf('createJob'), isReplay: false };
    },
    list: async () => exampleOf('listJobs'),
    get: async () => exampleOf('getJob'),
    items: async () => exampleOf('listJobItems'),
    timings: async () => exampleOf('getJobTimings'),
    resultsInfo: async () => ({ version: null, bytes: null }),
    results: () => text('downloadJobResults'),
    events: () => text('streamJobEvents'),
    listEvents: () => text('streamEvents'),
    cancel: async () => exampleOf('cancelJob'),
    retry: async () => exampleOf('retryJob'),
    remove: async () => {},
    activity: async () => null,
  } as unknown as JobsClient;
  const labs: LabClient = {
    call: async ({ operation }) => exampleOf(operation),
    events: ({ operation }) => text(operation),
  };
  const keys = createMemoryKeys();
  await keys.create({ id: EXAMPLE_ID });
  // The other operations need a key that is valid and whose previous value is not.
  const store: KeyStore = {
    ...keys.store,
    revoke: (id, ownerId) => keys.store.get(id, ownerId),
    rotate: (id, ownerId, hash) => keys.store.rotate(id, ownerId, hash, 0),
  };
  const collector = fp(async (app) => {
    app.addHook('onRoute', (route) => void routes.push(route));
  });

  const platform = await startPlatform(
    {
      topology: 'in one process',
      providers: [{ endpoints: [createSimulatorProvider()] }, { endpoints: [createEmbedderProvider()] }],
      defaultModel: FAST,
      usage: { ...createNoopUsageStore(), summarize: async () => (exampleOf('getUsage') as UsageReport).rows },
      policy: { attemptsMax: 1 },
      jobs,
      labs,
      chat: exampleChatStores(exampleOf),
      ...(!options.apiKeys && { keys: { store, directory: keys.directory } }),
      plugins: [collector],
      ...options,
    },
    onClose,
  );
  document = (await (await fetch(`${platform.url}/openapi.json`)).json()) as Document;
  return { ...platform, routes, document, check: createSchemaCheck(document) };
}

/** The id of everything in the paths of the examples. */
export const EXAMPLE_ID = '01a20ad0-a913-7191-8a23-763a9ac3ab81';
const FAST = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=3';

export interface DocumentedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationDescription;
}

export function operationsOf({ paths }: Pick<Document, 'paths'>): DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** Returns a function that validates a value with a schema of the document. It returns the problems. */
export function createSchemaCheck(document: Document): (schema: JsonSchema, value: unknown) => string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  formats.default(ajv);
  ajv.addSchema(document, 'document');
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
