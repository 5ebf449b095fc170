import { AppError, errorBodySchema } from '@prodigon/contracts';
import type { z } from 'zod';
import { streamChunks } from './stream-chunks.ts';

export interface HttpOptions {
  /** Without a slash at the end; empty for the page's own origin. */
  baseUrl: string;
  /** Asked before each call; nothing is sent without a key. */
  apiKey?: () => string | undefined;
  fetch?: typeof fetch;
}

/** `duplex` lets Node send a body while it is made; the types of browsers do not know it. */
export type CallInit = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | undefined; duplex?: 'half' };

/** Values of a query; what is undefined is left out. */
export type QueryValues = Readonly<Record<string, string | number | undefined>>;

/**
 * Calls of the gateway. Every failure is an `AppError`: the one that was sent, or `SERVICE_UNAVAILABLE` with a
 * cause where the connection failed. An aborted signal throws its own reason.
 */
export interface HttpClient {
  call(path: string, init: CallInit): Promise<Response>;
  /** The whole body as JSON. */
  json<Schema extends z.ZodType>(path: string, schema: Schema, init: CallInit): Promise<z.infer<Schema>>;
  /** The body as it comes. `onOpen` is called once it has begun. */
  bytes(path: string, init: CallInit, onOpen?: () => void): AsyncGenerator<Uint8Array>;
}

const UNREACHABLE = 'The gateway cannot be reached.';

/** The connection failed, so nobody knows what became of the request. */
export const isNetworkFailure = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'SERVICE_UNAVAILABLE' && error.cause !== undefined;

/** Nobody answered at all. */
export const isGatewayUnreachable = (error: unknown): boolean =>
  isNetworkFailure(error) && (error as AppError).message === UNREACHABLE;

export function createHttpClient(options: HttpOptions): HttpClient {
  const fetchFn: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));

  async function call(path: string, { signal, ...init }: CallInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = options.apiKey?.();
    if (key) headers.set('authorization', `Bearer ${key}`);
    let response: Response;
    try {
      response = await fetchFn(`${options.baseUrl}${path}`, { ...init, headers, signal: signal ?? null });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new AppError('SERVICE_UNAVAILABLE', UNREACHABLE, { cause });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }

  const brokenOff = (cause: unknown, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    return new AppError('SERVICE_UNAVAILABLE', 'The answer broke off before it was complete.', { cause });
  };

  return {
    call,
    async json(path, schema, init) {
      const response = await call(path, init);
      const text = await response.text().catch((cause: unknown) => {
        throw brokenOff(cause, init.signal);
      });
      return schema.parse(JSON.parse(text));
    },
    async *bytes(path, init, onOpen) {
      const { body } = await call(path, init);
      onOpen?.();
      if (!body) return;
      const chunks = streamChunks(body);
      try {
        for (;;) {
          // By hand: what the reader of these bytes throws is not ours to explain.
          const next = await chunks.next().catch((cause: unknown) => {
            throw brokenOff(cause, init.signal);
          });
          if (next.done) return;
          yield next.value;
        }
      } finally {
        await chunks.return(undefined);
      }
    },
  };
}

/** `?name=value&…`, or nothing. */
export function toQueryString(values: QueryValues): string {
  const given = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
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
  const advice = response.headers.get('x-should-retry');
  const retryable = advice === null ? undefined : advice === 'true';
  return new AppError(code, message, { details, retryAfterSeconds, retryable });
}
