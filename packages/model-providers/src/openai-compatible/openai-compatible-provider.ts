import { AppError, type EmbeddingFormat, normalizeEmbeddings } from '@prodigon/contracts';
import type { IncomingResponse } from '@prodigon/platform/http-client';
import { createConnectionPool, createReadCoalescer, type ReadCoalescer } from '@prodigon/platform/http-client';
import type { ModelProvider, ProviderContext, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import { errorFromResponse, toProviderError } from './provider-errors.ts';
import {
  type EmbeddingsBody,
  embeddingsBodySchema,
  modelsBodySchema,
  readCompletion,
  readRateLimits,
} from './provider-responses.ts';
import { createChunkReader } from './sse-chunk-reader.ts';

export interface OpenAiCompatibleOptions {
  /** E.g. `groq`. Appears in responses, metrics and logs. */
  name: string;
  /** Includes the version, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  /** The only name that the API accepts for the output limit. Without it, both names pass unchanged. */
  outputLimitField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** Shared by all providers of a process. Defaults to a coalescer for this provider alone. */
  readCoalescer?: ReadCoalescer | undefined;
}

const BODY_BYTES_MAX = 8 << 20;
const EMBEDDINGS_BYTES_MAX = 64 << 20;
const ERROR_BYTES_MAX = 64 << 10;

/**
 * Creates a client of any API with OpenAI's chat completions: Groq, OpenAI, vLLM, llama.cpp, Ollama, …
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider & { close(): Promise<void> } {
  const { name, baseUrl, apiKey, connectTimeoutMs, outputLimitField, readCoalescer = createReadCoalescer() } = options;
  const { origin, pathname } = new URL(baseUrl);
  const basePath = pathname.replace(/\/$/, '');
  const connections = createConnectionPool({ origin, connectTimeoutMs, readCoalescer });
  const getHeaders = { accept: 'application/json, text/event-stream', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
  const postHeaders = { ...getHeaders, 'content-type': 'application/json' };

  async function call(
    path: string,
    { signal, requestId, onRateLimits }: Pick<ProviderContext, 'signal'> & Partial<ProviderContext>,
    body?: object,
  ): Promise<IncomingResponse> {
    const headers = body === undefined ? getHeaders : postHeaders;
    const response = await connections.send({
      method: body === undefined ? 'GET' : 'POST',
      path: basePath + path,
      headers: requestId ? { ...headers, 'x-request-id': requestId } : headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const limits = readRateLimits(response.headers);
    if (limits) onRateLimits?.(limits);
    if (response.status === 200) return response;
    throw errorFromResponse(response.status, response.headers, await readText(response, ERROR_BYTES_MAX).catch(() => ''));
  }

  function bodyOf(request: ProviderRequest, stream: boolean) {
    const { max_tokens, max_completion_tokens, stream_options, ...rest } = request;
    const limit = max_completion_tokens ?? max_tokens;
    return {
      ...rest,
      ...(outputLimitField ? limit != null && { [outputLimitField]: limit } : { max_tokens, max_completion_tokens }),
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
        const body = await readText(await call('/models', { signal }), BODY_BYTES_MAX);
        const { data } = modelsBodySchema.parse(JSON.parse(body));
        return data.map(({ id }) => ({ id }));
      } catch (thrown) {
        throw toProviderError(thrown, signal);
      }
    },

    async complete(request, context) {
      try {
        const body = await readText(await call('/chat/completions', context, bodyOf(request, false)), BODY_BYTES_MAX);
        return readCompletion(body);
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      }
    },

    async embed(request, context) {
      try {
        const body = await readText(await call('/embeddings', context, request), EMBEDDINGS_BYTES_MAX);
        const parsed = embeddingsBodySchema.parse(JSON.parse(body));
        return { body: inFormat(body, parsed, request.encoding_format), usage: parsed.usage ?? null };
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      }
    },

    async *stream(request, context): AsyncGenerator<readonly ProviderEvent[]> {
      let response: IncomingResponse | undefined;
      try {
        response = await call('/chat/completions', context, bodyOf(request, true));
        if (!/^text\/event-stream\b/i.test(String(response.headers['content-type'] ?? ''))) {
          throw new AppError('INFERENCE_ERROR', 'The model provider did not respond with a stream.', {
            cause: await readText(response, ERROR_BYTES_MAX),
          });
        }
        const reader = createChunkReader();
        let isCoalescing = false;
        for (let bytes = await response.read(); bytes !== null; bytes = await response.read()) {
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
      } catch (thrown) {
        throw toProviderError(thrown, context.signal);
      } finally {
        response?.cancel();
      }
    },

    close: () => connections.close(),
  };
}

/** Returns the body unchanged, unless the client requested base64 and the provider sent numbers. */
function inFormat(body: string, parsed: EmbeddingsBody, format: EmbeddingFormat): string {
  const isOther = format === 'base64' && parsed.data.some(({ embedding }) => typeof embedding !== 'string');
  return isOther ? JSON.stringify(normalizeEmbeddings(JSON.parse(body), format)) : body;
}

async function readText(response: IncomingResponse, bytesMax: number): Promise<string> {
  const tooLarge = () => new AppError('INFERENCE_ERROR', "The model provider's response is too large.");
  return (await response.readAll(bytesMax, tooLarge)).toString('utf8');
}
