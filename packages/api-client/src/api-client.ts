import {
  AppError,
  type ContentDocument,
  type ContentTree,
  contentDocumentSchema,
  contentTreeSchema,
  errorBodySchema,
  type GenerateRequestInput,
  type GenerateResponse,
  generateResponseSchema,
  type Health,
  healthSchema,
  type ModelList,
  modelListSchema,
  type StreamEvent,
  type SystemOverview,
  systemOverviewSchema,
} from '@prodigon/contracts';
import type { z } from 'zod';
import { chunksOf, readStreamEvents } from './read-stream-events.ts';

export interface ApiClient {
  generate(request: GenerateRequestInput, signal?: AbortSignal): Promise<GenerateResponse>;
  /** Typed events in order. Throws `AppError` when the answer is refused; later failures arrive as an `error` event. */
  stream(request: GenerateRequestInput, signal?: AbortSignal): AsyncGenerator<StreamEvent>;
  models(signal?: AbortSignal): Promise<ModelList>;
  overview(signal?: AbortSignal): Promise<SystemOverview>;
  health(signal?: AbortSignal): Promise<Health>;
  contentTree(signal?: AbortSignal): Promise<ContentTree>;
  content(path: string, signal?: AbortSignal): Promise<ContentDocument>;
}

export interface ApiClientOptions {
  /** Without a slash at the end; empty for the page's own origin. */
  baseUrl: string;
  /** Asked before each call; nothing is sent without a key. */
  apiKey?: () => string | undefined;
  fetch?: typeof fetch;
}

/**
 * The gateway as typed functions, for the page and the command line. Every failure is an `AppError`:
 * the one that the gateway sent, or `SERVICE_UNAVAILABLE` when it cannot be reached. An aborted
 * `signal` throws the signal's own reason.
 */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const fetchFn: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));

  async function call(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = options.apiKey?.();
    if (key) headers.set('authorization', `Bearer ${key}`);
    let response: Response;
    try {
      response = await fetchFn(`${options.baseUrl}${path}`, { ...init, headers });
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new AppError('SERVICE_UNAVAILABLE', 'The gateway cannot be reached.', { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  async function get<Schema extends z.ZodType>(path: string, schema: Schema, signal?: AbortSignal): Promise<z.infer<Schema>> {
    const response = await call(path, { signal: signal ?? null });
    return schema.parse(await response.json());
  }

  const post = (path: string, body: unknown, signal?: AbortSignal, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
      signal: signal ?? null,
    });

  return {
    async generate(request, signal) {
      const response = await post('/api/v1/generate', request, signal);
      return generateResponseSchema.parse(await response.json());
    },
    async *stream(request, signal) {
      const response = await post('/api/v1/generate/stream', request, signal, { 'x-stream-version': '2' });
      if (!response.body) return;
      yield* readStreamEvents(chunksOf(response.body));
    },
    models: (signal) => get('/api/v1/models', modelListSchema, signal),
    overview: (signal) => get('/api/v1/system/overview', systemOverviewSchema, signal),
    health: (signal) => get('/health', healthSchema, signal),
    contentTree: (signal) => get('/api/v1/content', contentTreeSchema, signal),
    content: (path, signal) => get(`/api/v1/content?path=${encodeURIComponent(path)}`, contentDocumentSchema, signal),
  };
}

async function errorOf(response: Response): Promise<AppError> {
  const body = errorBodySchema.safeParse(await response.json().catch(() => undefined));
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  if (!body.success) {
    const code =
      response.status === 503 ? 'SERVICE_UNAVAILABLE' : response.status === 504 ? 'DEADLINE_EXCEEDED' : 'INFERENCE_ERROR';
    return new AppError(code, `The gateway answered ${response.status} in a form that is not ours.`);
  }
  const { code, message, details } = body.data.error;
  return new AppError(code, message, { details, retryAfterSeconds });
}
