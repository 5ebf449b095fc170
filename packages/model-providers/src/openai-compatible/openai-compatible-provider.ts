import { AppError, type EmbeddingFormat, normalizeEmbeddings } from '@prodigon/contracts';
import type { IncomingResponse } from '@prodigon/platform/http-client';
import { createConnectionPool, createReadCoalescer, type ReadCoalescer } from '@prodigon/platform/http-client';
import type { ModelProvider, ProviderContext, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import { providerFailure, refusalOf } from './provider-errors.ts';
import { readRateLimits } from './rate-limit-headers.ts';
import { readCompletion } from './read-completion.ts';
import { type EmbeddingsBody, embeddingsBodySchema, modelsBodySchema } from './response-bodies.ts';
import { createChunkReader } from './sse-chunk-reader.ts';

export interface OpenAiCompatibleOptions {
  /** E.g. `groq`: appears in answers, metrics and logs. */
  name: string;
  /** Up to and including the version, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  /** The only name that this API has for the limit of an answer's tokens; without it both pass as they are. */
  outputLimitField?: 'max_tokens' | 'max_completion_tokens' | undefined;
  /** One for all providers of a process; its own by default. */
  readCoalescer?: ReadCoalescer | undefined;
}

const BODY_BYTES_MAX = 8 << 20;
const EMBEDDINGS_BYTES_MAX = 64 << 20;
const REFUSAL_BYTES_MAX = 64 << 10;

/**
 * Any API that speaks OpenAI's chat completions: Groq, OpenAI, vLLM, llama.cpp, Ollama, …
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider & { close(): Promise<void> } {
  const { name, baseUrl, apiKey, connectTimeoutMs, outputLimitField, readCoalescer = createReadCoalescer() } = options;
  const { origin, pathname } = new URL(baseUrl);
  const basePath = pathname.replace(/\/$/, '');
  const connections = createConnectionPool({ origin, connectTimeoutMs, readCoalescer });
  const headersOfGet = { accept: 'application/json, text/event-stream', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };
  const headersOfPost = { ...headersOfGet, 'content-type': 'application/json' };

  async function call(
    path: string,
    { signal, requestId, onRateLimits }: Pick<ProviderContext, 'signal'> & Partial<ProviderContext>,
    body?: object,
  ): Promise<IncomingResponse> {
    const headers = body === undefined ? headersOfGet : headersOfPost;
    const answer = await connections.send({
      method: body === undefined ? 'GET' : 'POST',
      path: basePath + path,
      headers: requestId ? { ...headers, 'x-request-id': requestId } : headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const limits = readRateLimits(answer.headers);
    if (limits) onRateLimits?.(limits);
    if (answer.status === 200) return answer;
    throw refusalOf(answer.status, answer.headers, await readText(answer, REFUSAL_BYTES_MAX).catch(() => ''));
  }

  function bodyOf(request: ProviderRequest, stream: boolean) {
    const { max_tokens, max_completion_tokens, stream_options, ...rest } = request;
    const limit = max_completion_tokens ?? max_tokens;
    return {
      ...rest,
      ...(outputLimitField ? limit != null && { [outputLimitField]: limit } : { max_tokens, max_completion_tokens }),
      stream,
      // Usage is always asked for: without it a stream could only be estimated.
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
        throw providerFailure(thrown, signal);
      }
    },

    async complete(request, context) {
      try {
        const body = await readText(await call('/chat/completions', context, bodyOf(request, false)), BODY_BYTES_MAX);
        return readCompletion(body);
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      }
    },

    async embed(request, context) {
      try {
        const body = await readText(await call('/embeddings', context, request), EMBEDDINGS_BYTES_MAX);
        const parsed = embeddingsBodySchema.parse(JSON.parse(body));
        return { body: inFormat(body, parsed, request.encoding_format), usage: parsed.usage ?? null };
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      }
    },

    async *stream(request, context): AsyncGenerator<readonly ProviderEvent[]> {
      let answer: IncomingResponse | undefined;
      try {
        answer = await call('/chat/completions', context, bodyOf(request, true));
        if (!/^text\/event-stream\b/i.test(String(answer.headers['content-type'] ?? ''))) {
          throw new AppError('INFERENCE_ERROR', 'The model provider did not answer with a stream.', {
            cause: await readText(answer, REFUSAL_BYTES_MAX),
          });
        }
        const reader = createChunkReader();
        let isPaced = false;
        for (let bytes = await answer.read(); bytes !== null; bytes = await answer.read()) {
          const events = reader.read(bytes);
          // Nobody waits longer for the first word of an answer.
          if (!isPaced && events.some(({ type }) => type === 'text' || type === 'reasoning' || type === 'tool_call')) {
            isPaced = true;
            answer.startCoalescing();
          }
          if (events.length > 0) yield events;
          if (reader.failure) throw reader.failure;
          if (reader.isDone) return answer.finish();
        }
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      } finally {
        answer?.cancel();
      }
    },

    close: () => connections.close(),
  };
}

/** As it came, unless base64 was asked for and numbers were sent. */
function inFormat(body: string, parsed: EmbeddingsBody, format: EmbeddingFormat): string {
  const isOther = format === 'base64' && parsed.data.some(({ embedding }) => typeof embedding !== 'string');
  return isOther ? JSON.stringify(normalizeEmbeddings(JSON.parse(body), format)) : body;
}

async function readText(answer: IncomingResponse, bytesMax: number): Promise<string> {
  const tooLarge = () => new AppError('INFERENCE_ERROR', 'The answer of the model provider is too large.');
  return (await answer.readAll(bytesMax, tooLarge)).toString('utf8');
}
