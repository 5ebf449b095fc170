import { AppError, type EmbeddingFormat, normaliseEmbeddings } from '@prodigon/contracts';
import type { ModelProvider, ProviderContext, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import { Agent, type Dispatcher } from 'undici';
import { completionBodySchema, type EmbeddingsBody, embeddingsBodySchema, modelsBodySchema } from './bodies.ts';
import { providerFailure, refusalOf } from './failures.ts';
import { readRateLimits } from './rate-limit-headers.ts';
import { createChunkReader } from './read-chunks.ts';

export interface OpenAiCompatibleOptions {
  /** E.g. `groq`: appears in answers, metrics and logs. */
  name: string;
  /** Up to and including the version, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  /** The only name that this API has for the limit of an answer's tokens; without it both pass as they are. */
  outputLimitField?: 'max_tokens' | 'max_completion_tokens' | undefined;
}

const BODY_BYTES_MAX = 8 << 20;
const EMBEDDINGS_BYTES_MAX = 64 << 20;
const REFUSAL_BYTES_MAX = 64 << 10;

/**
 * Any API that speaks OpenAI's chat completions: Groq, OpenAI, vLLM, llama.cpp, Ollama, …
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider & { close(): Promise<void> } {
  const { name, baseUrl, apiKey, outputLimitField } = options;
  // The waiting is timed by who calls us, since only they know whether anybody waits.
  const agent = new Agent({
    connect: { timeout: options.connectTimeoutMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  });
  const headers = { accept: 'application/json, text/event-stream', ...(apiKey && { authorization: `Bearer ${apiKey}` }) };

  async function call(
    path: string,
    init: Pick<ProviderContext, 'signal'> & Partial<ProviderContext>,
    body?: object,
  ): Promise<Dispatcher.ResponseData> {
    const { signal, requestId, onRateLimits } = init;
    const asked = agent.request({
      origin: new URL(baseUrl).origin,
      path: `${new URL(baseUrl).pathname.replace(/\/$/, '')}${path}`,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...headers,
        ...(requestId && { 'x-request-id': requestId }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    });
    const response = await unlessAborted(asked, signal);
    const limits = readRateLimits(response.headers);
    if (limits) onRateLimits?.(limits);
    if (response.statusCode === 200) return response;
    throw refusalOf(response.statusCode, response.headers, await readText(response.body, REFUSAL_BYTES_MAX).catch(() => ''));
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
        const { body } = await call('/models', { signal });
        const { data } = modelsBodySchema.parse(JSON.parse(await readText(body, BODY_BYTES_MAX)));
        return data.map(({ id }) => ({ id }));
      } catch (thrown) {
        throw providerFailure(thrown, signal);
      }
    },

    async complete(request, context) {
      try {
        const response = await call('/chat/completions', context, bodyOf(request, false));
        const body = await readText(response.body, BODY_BYTES_MAX);
        const { choices, usage } = completionBodySchema.parse(JSON.parse(body));
        return { text: choices[0].message.content ?? '', finish: choices[0].finish_reason, usage: usage ?? null, body };
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      }
    },

    async embed(request, context) {
      try {
        const response = await call('/embeddings', context, request);
        const body = await readText(response.body, EMBEDDINGS_BYTES_MAX);
        const parsed = embeddingsBodySchema.parse(JSON.parse(body));
        return { body: inFormat(body, parsed, request.encoding_format), usage: parsed.usage ?? null };
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      }
    },

    async *stream(request, context): AsyncGenerator<readonly ProviderEvent[]> {
      let body: Dispatcher.ResponseData['body'] | undefined;
      try {
        const response = await call('/chat/completions', context, bodyOf(request, true));
        body = response.body;
        if (!/^text\/event-stream\b/i.test(String(response.headers['content-type'] ?? ''))) {
          throw new AppError('INFERENCE_ERROR', 'The model provider did not answer with a stream.', {
            cause: await readText(body, REFUSAL_BYTES_MAX),
          });
        }
        const reader = createChunkReader();
        for await (const bytes of body) {
          const events = reader.read(bytes);
          if (events.length > 0) yield events;
          if (reader.failure) throw reader.failure;
          if (reader.isDone) break;
        }
      } catch (thrown) {
        throw providerFailure(thrown, context.signal);
      } finally {
        body?.on('error', () => {}).destroy();
      }
    },

    close: () => agent.close(),
  };
}

/** The agent itself does not look at the signal before it is connected, and then sends nothing. */
async function unlessAborted<Value>(asked: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** As it came, unless base64 was asked for and numbers were sent. */
function inFormat(body: string, parsed: EmbeddingsBody, format: EmbeddingFormat): string {
  const isOther = format === 'base64' && parsed.data.some(({ embedding }) => typeof embedding !== 'string');
  return isOther ? JSON.stringify(normaliseEmbeddings(JSON.parse(body), format)) : body;
}

async function readText(body: Dispatcher.ResponseData['body'], bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw new AppError('INFERENCE_ERROR', 'The answer of the model provider is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
