import { AppError, type Model } from '@prodigon/contracts';
import type { ModelProvider, ProviderEvent, ProviderRequest } from '@prodigon/ports';
import { Agent, type Dispatcher } from 'undici';
import { completionBodySchema, modelsBodySchema } from './bodies.ts';
import { providerFailure, refusalOf } from './failures.ts';
import { createChunkReader } from './read-chunks.ts';

export interface OpenAiCompatibleOptions {
  /** E.g. `groq`: appears in answers, metrics and logs. */
  name: string;
  /** Up to and including the version, e.g. `https://api.openai.com/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  connectTimeoutMs: number;
  /** The name that this API has for the limit of an answer's tokens. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  describe?: (id: string) => string | undefined;
}

const BODY_BYTES_MAX = 8 << 20;
const REFUSAL_BYTES_MAX = 64 << 10;

/**
 * Any API that speaks OpenAI's chat completions: Groq, OpenAI, vLLM, llama.cpp, Ollama, …
 * Source: https://platform.openai.com/docs/api-reference/chat
 */
export function createOpenAiCompatibleProvider(options: OpenAiCompatibleOptions): ModelProvider & { close(): Promise<void> } {
  const { name, baseUrl, apiKey, maxTokensField = 'max_tokens' } = options;
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
    init: { signal: AbortSignal; requestId?: string; body?: unknown },
  ): Promise<Dispatcher.ResponseData> {
    const { signal, requestId, body } = init;
    const response = await agent.request({
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
    if (response.statusCode === 200) return response;
    throw refusalOf(response.statusCode, response.headers, await readText(response.body, REFUSAL_BYTES_MAX).catch(() => ''));
  }

  function bodyOf({ max_tokens, ...request }: ProviderRequest, stream: boolean) {
    const limit = max_tokens === undefined ? {} : { [maxTokensField]: max_tokens };
    // Usage is always asked for: without it a stream could only be estimated.
    return { ...request, ...limit, stream, ...(stream && { stream_options: { include_usage: true } }) };
  }

  return {
    name,
    offline: false,

    async models(signal) {
      try {
        const { body } = await call('/models', { signal });
        const { data } = modelsBodySchema.parse(JSON.parse(await readText(body, BODY_BYTES_MAX)));
        return data.map(({ id }): Model => ({ id, provider: name, offline: false, description: options.describe?.(id) }));
      } catch (thrown) {
        throw providerFailure(thrown, signal);
      }
    },

    async complete(request, { signal, requestId }) {
      try {
        const { body } = await call('/chat/completions', { signal, requestId, body: bodyOf(request, false) });
        const { choices, usage } = completionBodySchema.parse(JSON.parse(await readText(body, BODY_BYTES_MAX)));
        return { text: choices[0].message.content ?? '', finish: choices[0].finish_reason, usage: usage ?? null };
      } catch (thrown) {
        throw providerFailure(thrown, signal);
      }
    },

    async *stream(request, { signal, requestId }): AsyncGenerator<readonly ProviderEvent[]> {
      let body: Dispatcher.ResponseData['body'] | undefined;
      try {
        const response = await call('/chat/completions', { signal, requestId, body: bodyOf(request, true) });
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
        throw providerFailure(thrown, signal);
      } finally {
        body?.on('error', () => {}).destroy();
      }
    },

    close: () => agent.close(),
  };
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
