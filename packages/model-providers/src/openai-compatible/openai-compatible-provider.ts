import { AppError, CHAT_REQUEST_FIELDS, EMBEDDING_REQUEST_FIELDS } from '@prodigon/contracts';
import { stringifyJson } from '@prodigon/platform';
import type { IncomingResponse } from '@prodigon/platform/http-client';
import {
  createConnectionPool,
  createReadCoalescer,
  decodeContent,
  type PooledRequest,
  type ReadCoalescer,
} from '@prodigon/platform/http-client';
import type { ModelProvider, ProviderContext, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import type { ChunkHeader } from './chunk-normalizer.ts';
import { readCompletion } from './completion-reader.ts';
import { readEmbeddings } from './embeddings-reader.ts';
import { errorFromResponse, toProviderError } from './provider-errors.ts';
import { binaryError, readModelIds } from './provider-responses.ts';
import { readRateLimits } from './rate-limit-headers.ts';
import { createReasonRedactor, type ReasonRedactor } from './refusal-reason.ts';
import { createChunkReader } from './sse-chunk-reader.ts';

export interface OpenAiCompatibleOptions {
  /** E.g. `groq`. Appears in responses, metrics and logs. */
  name: string;
  /** Includes the version, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  /** Additional headers of every request, by their names in lower case. */
  headers?: Readonly<Record<string, string>> | undefined;
  connectTimeoutMs: number;
  /** The proxy in front of the provider, if any. */
  proxyUrl?: string | undefined;
  /** The only name that the API accepts for the output limit. Without it, both names pass unchanged. */
  outputLimitField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Shared by all providers of a process. Defaults to a coalescer for this provider alone. */
  readCoalescer?: ReadCoalescer | undefined;
  /** Removes secrets and hosts from the texts of the provider. Defaults to its own key and host. */
  redact?: ReasonRedactor | undefined;
}

const BODY_BYTES_MAX = 8 << 20;
const EMBEDDINGS_BYTES_MAX = 64 << 20;
const ERROR_BYTES_MAX = 64 << 10;

/**
 * Creates a client of any API with OpenAI's chat completions: Groq, OpenAI, vLLM, llama.cpp, Ollama, …
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider & { close(): Promise<void> } {
  const { name, baseUrl, apiKey, connectTimeoutMs, proxyUrl, outputLimitField } = options;
  const { readCoalescer = createReadCoalescer() } = options;
  const redact = options.redact ?? createReasonRedactor({ secrets: apiKey ? [apiKey] : [], baseUrls: [baseUrl] });
  const { origin, pathname, search } = new URL(baseUrl);
  const basePath = pathname.replace(/\/$/, '');
  const connections = createConnectionPool({ origin, connectTimeoutMs, proxyUrl, readCoalescer });
  const getHeaders = {
    ...options.headers,
    accept: 'application/json, text/event-stream',
    ...(apiKey && { authorization: `Bearer ${apiKey}` }),
  };
  // Headers of the models file may contain a key too.
  const hasCredentials = apiKey !== undefined || Object.keys(options.headers ?? {}).length > 0;
  const postHeaders = { ...getHeaders, 'content-type': 'application/json' };

  async function call(
    path: string,
    { signal, requestId, onRateLimits }: Pick<ProviderContext, 'signal'> & Partial<ProviderContext>,
    body?: object,
  ): Promise<IncomingResponse> {
    const headers = body === undefined ? getHeaders : postHeaders;
    let request: PooledRequest = {
      method: body === undefined ? 'GET' : 'POST',
      // E.g. `?api-version=` of Azure.
      path: basePath + path + search,
      headers: requestId ? { ...headers, 'x-request-id': requestId } : headers,
      body: body === undefined ? null : await stringifyJson(body),
      signal,
    };
    for (let redirects = 0; ; redirects++) {
      const response = decodeContent(await connections.send(request));
      const { status } = response;
      const limits = readRateLimits(response.headers);
      if (limits) onRateLimits?.(limits);
      if (status >= 200 && status < 300) return response;
      const location = REDIRECT_STATUSES.has(status) ? response.headers.location : undefined;
      if (location === undefined) {
        const text = await readText(response, ERROR_BYTES_MAX).catch(() => '');
        const error = errorFromResponse(status, response.headers, text, redact);
        if (hasCredentials || error.code !== 'PROVIDER_KEY_REFUSED') throw error;
        throw new AppError(error.code, 'The model provider requires a key, and none is configured.', { cause: error.cause });
      }
      request = followRedirect(request, { status, location, origin, redirects });
      response.finish();
    }
  }

  function bodyOf(request: ProviderRequest, stream: boolean) {
    const { max_tokens, max_completion_tokens, stream_options, ...rest } = withoutNulls(request, CHAT_REQUEST_FIELDS);
    const limit = max_completion_tokens ?? max_tokens;
    return {
      ...rest,
      ...(outputLimitField ? limit !== undefined && { [outputLimitField]: limit } : { max_tokens, max_completion_tokens }),
      stream,
      // Always requests the usage. Without it the usage of a stream would be an estimate.
      ...(stream && { stream_options: { ...stream_options, include_usage: true } }),
    };
  }

  return {
    name,
    offline: false,

    async models(signal) {
      try {
        const body = await readBody(await call('/models', { signal }), BODY_BYTES_MAX);
        return readModelIds(body, redact).map((id) => ({ id }));
      } catch (thrown) {
        throw toProviderError(thrown, signal);
      }
    },

    async complete(request, context) {
      try {
        const body = await readBody(await call('/chat/completions', context, bodyOf(request, false)), BODY_BYTES_MAX);
        return readCompletion(body, headerFor(request, context), redact);
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      }
    },

    async embed(request, context) {
      try {
        const sent = withoutNulls(request, EMBEDDING_REQUEST_FIELDS);
        const body = await readBody(await call('/embeddings', context, sent), EMBEDDINGS_BYTES_MAX);
        return await readEmbeddings(body, { format: request.encoding_format, redact });
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      }
    },

    async *stream(request, context): AsyncGenerator<readonly ProviderEvent[]> {
      let response: IncomingResponse | undefined;
      try {
        response = await call('/chat/completions', context, bodyOf(request, true));
        const reader = createChunkReader(headerFor(request, context), redact);
        let isCoalescing = false;
        for (let bytes = await response.read(); bytes !== null; bytes = await response.read()) {
          // A decoder may still hold much of the body after the connection is closed.
          if (context.signal.aborted) throw context.signal.reason;
          const events = reader.read(bytes);
          // Coalesces reads only after the first content, so that the first token is not delayed.
          if (!isCoalescing && events.some(({ type }) => type === 'text' || type === 'reasoning' || type === 'tool_call')) {
            isCoalescing = true;
            response.startCoalescing();
          }
          if (events.length > 0) yield events;
          if (reader.failure) throw reader.failure;
          if (reader.isDone) return response.finish();
        }
        const rest = reader.end();
        if (rest.length > 0) yield rest;
        if (reader.failure) throw reader.failure;
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      } finally {
        response?.cancel();
      }
    },

    close: () => connections.close(),
  };
}

/** Omits documented fields that are null, which means absent: not every server accepts null. Unknown fields stay unchanged. */
function withoutNulls<Request extends object>(request: Request, fields: ReadonlySet<string>): WithoutNulls<Request> {
  const entries = Object.entries(request).filter(([field, value]) => value !== null || !fields.has(field));
  return Object.fromEntries(entries) as WithoutNulls<Request>;
}
type WithoutNulls<Request> = { [Field in keyof Request]: Exclude<Request[Field], null> };

/** Returns the header of a response whose provider sends none. */
function headerFor({ model }: ProviderRequest, { requestId }: ProviderContext): ChunkHeader {
  return { id: `chatcmpl-${requestId}`, created: Math.floor(Date.now() / 1_000), model };
}

const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const REDIRECTS_MAX = 3;

/** Returns the request for the address that a provider redirects to. Throws for another origin, which must not get the key. */
function followRedirect(
  request: PooledRequest,
  { status, location, origin, redirects }: { status: number; location: string; origin: string; redirects: number },
): PooledRequest {
  const url = URL.parse(location, `${origin}${request.path}`);
  if (url?.origin !== origin) {
    // The path and the query of the address may contain credentials.
    const cause = new AppError('INFERENCE_ERROR', `Redirect to ${url?.origin ?? 'an invalid address'}`);
    throw new AppError('INFERENCE_ERROR', 'The model provider redirected the request to another address.', {
      cause,
      retryable: false,
    });
  }
  if (redirects >= REDIRECTS_MAX) {
    throw new AppError('INFERENCE_ERROR', 'The model provider redirected the request too often.', { retryable: false });
  }
  const path = url.pathname + url.search;
  return status === 303 ? { ...request, path, method: 'GET', body: null } : { ...request, path };
}

async function readBody(response: IncomingResponse, bytesMax: number): Promise<string> {
  const text = await readText(response, bytesMax);
  const error = binaryError(text);
  if (error) throw error;
  return text;
}

async function readText(response: IncomingResponse, bytesMax: number): Promise<string> {
  const tooLarge = () => new AppError('INFERENCE_ERROR', "The model provider's response is too large.");
  return (await response.readAll(bytesMax, tooLarge)).toString('utf8');
}
