import { AppError } from '@prodigon/contracts';
import type { ModelProvider, ProviderContext, ProviderRequest } from '@prodigon/ports';
import { describe, expect, it, vi } from 'vitest';
import { LIMITS, REQUEST, setUpModelService, USAGE } from './model-service.test-support.ts';

async function readAll(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

describe('completions', () => {
  it('returns the text, the metadata, the cost and an OpenAI body', async () => {
    const { client, context, recorded } = setUpModelService();
    const { body, ...completion } = await client.complete(REQUEST, context);
    expect(completion).toEqual({
      model: 'large',
      provider: 'acme',
      attempts: [{ provider: 'acme', model: 'large', error: null, latencyMs: expect.any(Number) }],
      warning: null,
      rateLimits: LIMITS,
      text: 'Hello you',
      finish: 'stop',
      usage: USAGE,
      estimated: false,
      costUsd: 7,
    });
    expect(JSON.parse(body)).toEqual({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.toSatisfy((seconds) => Math.abs(seconds - Date.now() / 1_000) < 60),
      model: 'large',
      choices: [
        { index: 0, message: { role: 'assistant', content: 'Hello you', refusal: null }, logprobs: null, finish_reason: 'stop' },
      ],
      usage: USAGE,
    });
    expect(await recorded()).toMatchObject([
      { ownerId: 'ada', kind: 'chat', status: 'completed', estimated: false, costUsd: 7, attempts: 1, ttftMs: null },
    ]);
  });

  it('keeps the body of a provider with the OpenAI format', async () => {
    const body = '{ "id":"theirs" }';
    const usage = { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 };
    const { client, context } = setUpModelService({ complete: async () => ({ text: 'a', finish: 'length', usage, body }) });
    expect(await client.complete(REQUEST, context)).toMatchObject({ body, finish: 'length', usage, estimated: false });
  });

  it('adds an estimate of the usage to the body of a provider that reports none', async () => {
    const body = '{ "id":"theirs" }';
    const { client, context } = setUpModelService({ complete: async () => ({ text: 'a', finish: 'length', usage: null, body }) });
    const completion = await client.complete(REQUEST, context);
    const usage = { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 };
    expect(completion).toMatchObject({ usage, estimated: true });
    expect(JSON.parse(completion.body)).toEqual({ id: 'theirs', usage: { ...usage, estimated: true } });
  });

  it('calls the provider with the model id when the request names an alias or a retired id', async () => {
    const { client, context, requests } = setUpModelService();
    const { model, warning } = await client.complete({ ...REQUEST, model: 'old' }, context);
    expect([model, warning]).toEqual(['large', expect.stringContaining('old was retired')]);
    await client.complete({ ...REQUEST, model: 'big' }, context);
    expect(requests.map(({ model }) => model)).toEqual(['large', 'large']);
  });

  it('returns the id of the fallback that completed the request', async () => {
    const complete: ModelProvider['complete'] = async ({ model }) => {
      if (model === 'large') throw new AppError('QUOTA_EXHAUSTED');
      return { text: 'a', finish: 'stop', usage: USAGE };
    };
    const { client, context, recorded } = setUpModelService({ complete }, { fallbackModel: 'small' });
    expect(await client.complete(REQUEST, context)).toMatchObject({
      model: 'small',
      costUsd: null,
      attempts: [{ error: 'QUOTA_EXHAUSTED' }, { error: null }],
    });
    expect(await recorded()).toMatchObject([{ model: 'small', attempts: 2 }]);
  });
});

describe('streams', () => {
  it('records a stream with its usage, cost and time to first token', async () => {
    const { client, context, recorded } = setUpModelService();
    const stream = await client.stream(REQUEST, context, { format: 'events', generationId: 'gen' });
    expect(stream).toMatchObject({ model: 'large', provider: 'acme', warning: null });
    for await (const event of stream.events()) expect(event).toEqual({ type: 'text', text: 'Hello' });
    expect(await stream.outcome).toMatchObject({ status: 'completed', finish: 'stop', usage: USAGE, costUsd: 7 });
    const { models } = await client.models(context);
    expect(models[0]?.health).toMatchObject({ state: 'ok', succeeded: 1, ttft_p50_ms: expect.any(Number) });
    expect(await recorded()).toMatchObject([{ status: 'completed', ttftMs: expect.any(Number), attempts: 1 }]);
  });

  it('records a stream as failed, with its usage, when the provider fails in mid-stream', async () => {
    const { client, context, recorded } = setUpModelService({
      async *stream() {
        yield [{ type: 'text', text: '1234' }];
        throw new AppError('INFERENCE_ERROR');
      },
    });
    const stream = await client.stream(REQUEST, context, { format: 'tokens', generationId: 'gen' });
    await expect(readAll(stream.bytes())).rejects.toMatchObject({ code: 'INFERENCE_ERROR' });
    const { models } = await client.models(context);
    expect(models[0]?.health).toMatchObject({ state: 'failing', failed: 1 });
    expect(await recorded()).toMatchObject([{ status: 'failed', promptTokens: 2, completionTokens: 1, estimated: true }]);
  });

  it.each([
    ['its model', { large: { timeouts: { idleMs: 1 } } }, undefined],
    ['its provider', { large: {} }, { idleMs: 1 }],
  ])('uses the timeouts of %s', async (_case, models, timeouts) => {
    const { promise: never } = Promise.withResolvers<never>();
    const provider = {
      name: 'acme',
      offline: false,
      models: async () => [],
      async *stream(_request: ProviderRequest, { signal }: ProviderContext) {
        yield [{ type: 'text', text: 'a' }];
        const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        await Promise.race([never, aborted]);
      },
    } as unknown as ModelProvider;
    const { client, context } = setUpModelService({}, { providers: [{ endpoints: [provider], models, timeouts }] });
    const stream = await client.stream(REQUEST, context, { format: 'tokens', generationId: 'gen' });
    await expect(readAll(stream.bytes())).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });
});

describe('embeddings', () => {
  it.each([
    ['texts by their length', ['1234', '12345'], 3],
    ['a text by its length', '12345678', 2],
    ['token ids by their number', [[1, 2, 3], [4]], 4],
  ])(
    'estimates the usage of %s when the provider reports none, without parsing the body',
    async (_case, input, prompt_tokens) => {
      const { client, context, recorded } = setUpModelService();
      const parse = vi.spyOn(JSON, 'parse');
      const embeddings = await client.embed({ model: 'large', input, encoding_format: 'float' }, context);
      expect(parse).not.toHaveBeenCalled();
      parse.mockRestore();
      expect(embeddings).toMatchObject({
        body: JSON.stringify({
          data: [],
          usage: { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens, estimated: true },
        }),
        model: 'large',
        usage: { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens },
        estimated: true,
      });
      expect(await recorded()).toMatchObject([{ kind: 'embedding', status: 'completed', promptTokens: prompt_tokens }]);
    },
  );
});

describe('failed requests', () => {
  it('records a failed request without usage and with the number of calls', async () => {
    const { client, context, recorded } = setUpModelService({ complete: () => Promise.reject(new AppError('INFERENCE_ERROR')) });
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'INFERENCE_ERROR', attempts: 4 });
    expect(await recorded()).toMatchObject([
      { status: 'failed', promptTokens: 0, completionTokens: 0, estimated: false, attempts: 4, model: 'large' },
    ]);
  });

  it('charges the prompt tokens when the client disconnects during a call', async () => {
    const { client, context, caller, recorded } = setUpModelService({
      async complete() {
        caller.abort(new AppError('CANCELLED'));
        throw new Error('aborted');
      },
    });
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'CANCELLED', attempts: 1 });
    expect(await recorded()).toMatchObject([{ status: 'cancelled', promptTokens: 2, estimated: true, attempts: 1 }]);
  });

  it('charges nothing when the client disconnects before the first call', async () => {
    const { client, context, caller, recorded } = setUpModelService();
    caller.abort(new AppError('CANCELLED'));
    await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await recorded()).toMatchObject([{ status: 'cancelled', promptTokens: 0, attempts: 0 }]);
  });

  it('records nothing when no provider offers the model', async () => {
    const { client, context, recorded } = setUpModelService();
    await expect(client.complete({ ...REQUEST, model: 'unknown' }, context)).rejects.toMatchObject({ code: 'UNKNOWN_MODEL' });
    expect(await recorded()).toEqual([]);
  });
});

it('overrides individual values of the default retry policy', async () => {
  const complete = () => Promise.reject(new AppError('INFERENCE_ERROR'));
  const { client, context } = setUpModelService({ complete }, { policy: { attemptsMax: 2, firstDelayMs: 0 } });
  await expect(client.complete(REQUEST, context)).rejects.toMatchObject({ attempts: 2 });
});
