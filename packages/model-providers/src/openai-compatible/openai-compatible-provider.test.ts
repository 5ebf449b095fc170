import type { AppError } from '@prodigon/contracts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { COMPLETION, request, respondWith, setUp } from './openai-compatible-provider.test-support.ts';
import { createOpenAiCompatibleProvider } from './openai-compatible-provider.ts';

const embedding = { model: 'm', input: 'Hi', encoding_format: 'base64' as const };

describe('a request to a provider', () => {
  it('carries its key, its id and its parameters, without the options of a stream', async () => {
    const { provider, requests, context } = await setUp(respondWith(COMPLETION), { apiKey: 'sk-1' });
    const options = { stream_options: { include_usage: false }, temperature: 0 };
    expect(await provider.complete({ ...request, ...options, max_tokens: 5 }, context)).toMatchObject({
      text: 'Hello',
      finish: 'stop',
      usage: { total_tokens: 3 },
      body: COMPLETION,
    });
    expect(requests[0]).toMatchObject({
      line: 'POST /v1/chat/completions',
      headers: { authorization: 'Bearer sk-1', 'x-request-id': 'request-1', 'content-type': 'application/json' },
    });
    expect(requests[0]?.body).toEqual({ ...request, temperature: 0, max_tokens: 5, stream: false });
  });

  it('carries the headers of its configuration', async () => {
    const headers = { 'x-tenant': 'a', authorization: 'Token t' };
    const { provider, requests, context } = await setUp(respondWith(COMPLETION), { headers });
    await provider.complete(request, context);
    await provider.models(new AbortController().signal).catch(() => {});
    expect(requests).toMatchObject([
      { line: 'POST /v1/chat/completions', headers },
      { line: 'GET /v1/models', headers },
    ]);
  });

  it('has no Authorization header without a key, and no body and no id when it lists models', async () => {
    const { provider, requests } = await setUp(respondWith('{"data":[{"id":"a","owner":"x"},{"id":"b"}]}'));
    expect(await provider.models(new AbortController().signal)).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(requests[0]).toMatchObject({ line: 'GET /v1/models', body: undefined });
    expect(Object.keys(requests[0]?.headers ?? {}).sort()).toEqual(['accept', 'connection', 'host']);
  });

  it.each([
    [undefined, { max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: 5, max_completion_tokens: 7 }],
    ['max_tokens', { max_tokens: 5, max_completion_tokens: 7 }, { max_tokens: 7 }],
    ['max_completion_tokens', { max_tokens: 5 }, { max_completion_tokens: 5 }],
    ['max_tokens', { max_tokens: null }, {}],
  ] as const)('names the output limit %s: %j becomes %j', async (outputLimitField, limits, sent) => {
    const { provider, requests, context } = await setUp(respondWith(COMPLETION), { outputLimitField });
    await provider.complete({ ...request, ...limits }, context);
    expect(requests[0]?.body).toEqual({ ...request, ...sent, stream: false });
  });

  it('reports the rate limits of every response, also of an error', async () => {
    const headers = { 'x-ratelimit-remaining-requests': '3' };
    const limits = { requests: { limit: null, remaining: 3, resetMs: null }, tokens: null };
    for (const status of [200, 429]) {
      const { provider, context } = await setUp(respondWith(COMPLETION, headers, status));
      await provider.complete(request, context).catch(() => {});
      expect(context.onRateLimits.mock.calls).toEqual([[limits]]);
    }
    const { provider, context } = await setUp(respondWith(COMPLETION));
    await provider.complete(request, context);
    expect(context.onRateLimits).not.toHaveBeenCalled();
  });

  it('throws the error of the provider, also for a body of more than 64 KiB', async () => {
    const body = JSON.stringify({ error: { code: 'insufficient_quota' } });
    const { provider, context } = await setUp(respondWith(body, {}, 429));
    await expect(provider.complete(request, context)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' });
    const fits = await setUp(respondWith(body.padEnd(64 << 10), {}, 429));
    await expect(fits.provider.complete(request, fits.context)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' });
    const large = await setUp(respondWith(body.padEnd((64 << 10) + 1), {}, 429));
    await expect(large.provider.complete(request, large.context)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it.each([
    [{}, 'The model provider requires a key, and none is configured.'],
    [{ apiKey: 'sk-1' }, "The model provider refused the platform's key."],
    [{ headers: { 'x-api-token': 'sk-1' } }, "The model provider refused the platform's key."],
  ])('distinguishes a missing key from a refused one: %j', async (options, message) => {
    const { provider, context } = await setUp(respondWith('{}', {}, 401), options);
    await expect(provider.complete(request, context)).rejects.toMatchObject({ code: 'PROVIDER_KEY_REFUSED', message });
  });

  it('rejects a response of more than 8 MiB, or of 64 MiB for embeddings', async () => {
    const limit = 8 << 20;
    const fits = await setUp(respondWith(COMPLETION.padEnd(limit)));
    expect((await fits.provider.complete(request, fits.context)).text).toBe('Hello');
    const tooLarge = { code: 'INFERENCE_ERROR', message: "The model provider's response is too large." };
    const large = await setUp(respondWith(COMPLETION.padEnd(limit + 1)));
    await expect(large.provider.complete(request, large.context)).rejects.toMatchObject(tooLarge);
    await expect(large.provider.models(large.context.signal)).rejects.toMatchObject(tooLarge);
    const { provider, context } = await setUp(respondWith('{"data":[{"embedding":[1]}]}'.padEnd(limit + 1)));
    expect((await provider.embed({ ...embedding, encoding_format: 'float' }, context)).usage).toBeNull();
  });
});

describe('a redirect of a provider', () => {
  const redirectTo = (location: string, status = 307) => respondWith('', { location }, status);

  it.each([
    [307, 'POST'],
    [308, 'POST'],
    [301, 'POST'],
    [302, 'POST'],
    [303, 'GET'],
  ])('with status %i to the same origin repeats the request as %s', async (status, method) => {
    const { provider, requests, context } = await setUp((response, incoming) => {
      const respond = incoming.url === '/v2/chat?x=1' ? respondWith(COMPLETION) : redirectTo('/v2/chat?x=1', status);
      respond(response, incoming);
    });
    expect((await provider.complete(request, context)).text).toBe('Hello');
    expect(requests.map(({ line }) => line)).toEqual(['POST /v1/chat/completions', `${method} /v2/chat?x=1`]);
  });

  it.each([
    ['another host', 'https://elsewhere.example/v1?key=canary'],
    ['another port', 'http://127.0.0.1:1/v1'],
    ['an invalid address', 'http://'],
  ])('to %s is an error that names only the origin, and only in its cause', async (_case, location) => {
    const { provider, requests, context } = await setUp(redirectTo(location));
    const error = await provider.complete(request, context).catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: 'INFERENCE_ERROR', retryable: false });
    expect((error as AppError).publicMessage).not.toContain('elsewhere');
    expect(String((error as AppError).cause)).not.toContain('canary');
    expect(requests).toHaveLength(1);
  });

  it('is followed three times at most', async () => {
    const { provider, requests, context } = await setUp(redirectTo('/again'));
    await expect(provider.complete(request, context)).rejects.toMatchObject({ code: 'INFERENCE_ERROR', retryable: false });
    expect(requests).toHaveLength(4);
  });
});

describe('a base URL with a query', () => {
  it('keeps it for every request', async () => {
    const { provider, requests, context, baseUrl } = await setUp(respondWith(COMPLETION));
    const other = createOpenAiCompatibleProvider({ name: 'azure', baseUrl: `${baseUrl}?api-version=1`, connectTimeoutMs: 5_000 });
    onTestFinished(() => other.close());
    await provider.complete(request, context);
    await other.complete(request, context);
    expect(requests.map(({ line }) => line)).toEqual(['POST /v1/chat/completions', 'POST /v1/chat/completions?api-version=1']);
  });
});

describe('embeddings', () => {
  const body = (...vectors: (number[] | string)[]) =>
    JSON.stringify({
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: vector })),
      model: 'm',
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });

  it('pass unchanged in the format that the client requested', async () => {
    for (const [encoding_format, sent] of [
      ['float', body([0.5])],
      ['float', body('AAAAPw==')],
      ['base64', body('AAAAPw==')],
    ] as const) {
      const { provider, requests, context } = await setUp(respondWith(sent));
      const received = await provider.embed({ ...embedding, encoding_format }, context);
      expect(received).toMatchObject({ body: sent, usage: { prompt_tokens: 2, completion_tokens: 0, total_tokens: 2 } });
      expect(requests[0]).toMatchObject({ line: 'POST /v1/embeddings', body: { input: 'Hi', encoding_format } });
    }
  });

  it('are converted to base64 when the provider sends numbers', async () => {
    const { provider, context } = await setUp(respondWith(body('AAAAPw==', [0.5])));
    const received = JSON.parse((await provider.embed(embedding, context)).body);
    expect(received.data.map((item: { embedding: unknown }) => item.embedding)).toEqual(['AAAAPw==', 'AAAAPw==']);
  });

  it('are rejected when the provider sends none', async () => {
    const { provider, context } = await setUp(respondWith(body()));
    await expect(provider.embed(embedding, context)).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
  });
});
