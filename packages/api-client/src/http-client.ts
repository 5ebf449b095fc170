import { AppError, type AppErrorOptions, errorBodySchema } from '@prodigon/contracts';
import type { z } from 'zod';
import { streamChunks } from './raw-events.ts';

export interface HttpOptions {
  /** Without a trailing slash; empty for the page's own origin. */
  baseUrl: string;
  /** Called before each request. Without a key no `Authorization` header is sent. */
  apiKey?: () => string | undefined;
  fetch?: typeof fetch;
}

/** `duplex` lets Node send a streamed body; the browser's types do not declare it. `fetch` sends this request. */
export type CallInit = Omit<RequestInit, 'signal'> & {
  signal?: AbortSignal | undefined;
  duplex?: 'half';
  fetch?: typeof fetch | undefined;
};

/** Values of a query string. Undefined values are omitted. */
export type QueryValues = Readonly<Record<string, string | number | null | undefined>>;

/**
 * Requests to the gateway. Every failure is an `AppError`: the one that the gateway sent, or a `GatewayConnectionError`.
 * An aborted signal throws its own reason.
 */
export interface HttpClient {
  call(path: string, init: CallInit): Promise<Response>;
  /** Returns the whole body as JSON. */
  json<Schema extends z.ZodType>(path: string, schema: Schema, init: CallInit): Promise<z.infer<Schema>>;
  /** Returns the whole body of a response as JSON. */
  parse<Schema extends z.ZodType>(response: Response, schema: Schema, signal: AbortSignal | undefined): Promise<z.infer<Schema>>;
  /** Returns the whole body as text. */
  text(path: string, init: CallInit): Promise<string>;
  /** Yields the body as it arrives. Calls `onOpen` when the response headers have arrived. */
  bytes(path: string, init: CallInit, onOpen?: (response: Response) => void): AsyncGenerator<Uint8Array>;
  /** Yields the body of a response as it arrives. */
  bodyOf(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array>;
}

/** The connection to the gateway failed, so it is unknown whether the gateway processed the request. */
export class GatewayConnectionError extends AppError {
  /** `unreachable`: no response arrived. `interrupted`: the response ended early. `idle`: the response stopped. */
  readonly reason: 'unreachable' | 'interrupted' | 'idle';

  constructor(reason: GatewayConnectionError['reason'], message: string, options?: AppErrorOptions) {
    super('SERVICE_UNAVAILABLE', message, options);
    this.reason = reason;
  }
}

/** Returns whether the error means that the gateway did not respond at all. */
export const isGatewayUnreachable = (error: unknown): boolean =>
  error instanceof GatewayConnectionError && error.reason === 'unreachable';

export function createHttpClient(options: HttpOptions): HttpClient {
  const defaultFetch: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));

  async function call(path: string, { signal, fetch: fetchFn = defaultFetch, ...init }: CallInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = options.apiKey?.();
    if (key) headers.set('authorization', `Bearer ${key}`);
    let response: Response;
    try {
      response = await fetchFn(`${options.baseUrl}${path}`, { ...init, headers, signal: signal ?? null });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new GatewayConnectionError('unreachable', 'The gateway cannot be reached.', { cause });
    }
    if (!response.ok) throw await readError(response, options.baseUrl);
    const isPage = response.headers.get('content-type')?.startsWith('text/html') && !response.headers.has('content-disposition');
    if (isPage) {
      await response.body?.cancel();
      throw foreignError(response, options.baseUrl);
    }
    return response;
  }

  const interrupted = (cause: unknown, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    return new GatewayConnectionError('interrupted', 'The response ended before it was complete.', { cause });
  };

  const readText = (response: Response, signal: AbortSignal | undefined) =>
    response.text().catch((cause: unknown) => {
      throw interrupted(cause, signal);
    });

  async function parse<Schema extends z.ZodType>(
    response: Response,
    schema: Schema,
    signal: AbortSignal | undefined,
  ): Promise<z.infer<Schema>> {
    return schema.parse(parseJson(await readText(response, signal), response, options.baseUrl));
  }

  async function* bodyOf({ body }: Response, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    if (!body) return;
    const chunks = streamChunks(body);
    try {
      for (;;) {
        // A for-await loop would also catch the errors of the consumer.
        const next = await chunks.next().catch((cause: unknown) => {
          throw interrupted(cause, signal);
        });
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await chunks.return(undefined);
    }
  }

  return {
    call,
    json: async (path, schema, init) => parse(await call(path, init), schema, init.signal),
    parse,
    text: async (path, init) => readText(await call(path, init), init.signal),
    async *bytes(path, init, onOpen) {
      const response = await call(path, init);
      onOpen?.(response);
      yield* bodyOf(response, init.signal);
    },
    bodyOf,
  };
}

/** Returns `?name=value&…` without absent values, or an empty string. */
export function toQueryString(values: QueryValues): string {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  );
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
}

function parseJson(text: string, response: Response, baseUrl: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw foreignError(response, baseUrl, cause);
  }
}

const foreignMessage = (status: number, baseUrl: string) =>
  `Another program, or a proxy in front of the gateway, responds${baseUrl && ` at ${baseUrl}`} (status ${status}).`;

function foreignError({ status }: Response, baseUrl: string, cause?: unknown): AppError {
  return new AppError('INFERENCE_ERROR', foreignMessage(status, baseUrl), { retryable: false, cause });
}

async function readError(response: Response, baseUrl: string): Promise<AppError> {
  const body = errorBodySchema.safeParse(await response.json().catch(() => undefined));
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : undefined;
  if (!body.success) {
    if (response.status === 413)
      return new AppError('PAYLOAD_TOO_LARGE', 'A proxy in front of the gateway rejects bodies of this size.');
    const code =
      response.status === 503 ? 'SERVICE_UNAVAILABLE' : response.status === 504 ? 'DEADLINE_EXCEEDED' : 'INFERENCE_ERROR';
    return new AppError(code, foreignMessage(response.status, baseUrl));
  }
  const { code, message, details } = body.data.error;
  const shouldRetry = response.headers.get('x-should-retry');
  const retryable = shouldRetry === null ? undefined : shouldRetry === 'true';
  return new AppError(code, message, { details, retryAfterSeconds, retryable });
}
