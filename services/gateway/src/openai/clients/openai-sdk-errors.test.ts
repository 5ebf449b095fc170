import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { shareGateway, startPlatform, TOPOLOGIES } from '../../gateway-harness.test-support.ts';
import { installFakeTimers, until } from '../../generation/generation.test-support.ts';
import { type ClientsOptions, collect, HI, startForClients } from './clients.test-support.ts';

describe.each(TOPOLOGIES)('typed errors of the OpenAI SDK, model service %s', (topology) => {
  const startBehindSharedGateway = shareGateway(topology);

  async function start(options: ClientsOptions = {}, launch = startBehindSharedGateway) {
    const platform = await startForClients(topology, options, launch);
    const openai = new OpenAI({ baseURL: platform.baseURL, apiKey: 'any' });
    const createCompletion = (model: string, overrides: object = {}) =>
      openai.chat.completions.create({ model, messages: HI, ...overrides });
    return { ...platform, openai, createCompletion };
  }

  it('throws NotFoundError for an unknown model', async () => {
    const { openai, createCompletion, provider } = await start({ entry: { acceptsOtherIds: false } });
    const calls: (() => Promise<unknown>)[] = [
      () => createCompletion('gpt-unheard-of'),
      () => createCompletion('gpt-unheard-of', { stream: true }),
      () => openai.embeddings.create({ model: 'gpt-unheard-of', input: 'Hi' }),
      () => openai.responses.create({ model: 'gpt-unheard-of', input: 'Hi' }),
      () => openai.models.retrieve('gpt-unheard-of'),
    ];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.NotFoundError);
      expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model', type: 'invalid_request_error' });
      expect(error).toHaveProperty('requestID', expect.stringMatching(/\S/));
    }
    expect(provider.calls).toHaveLength(0);
  });

  it('throws BadRequestError with the name of an invalid field', async () => {
    const { createCompletion, provider } = await start();
    const messages = [{ role: 'user', content: 'Hi' }, { role: 'unknown' }];
    for (const [overrides, param] of [
      [{ temperature: 5 }, 'temperature'],
      [{ messages }, 'messages[1].role'],
      [{ max_tokens: -1, stream: true }, 'max_tokens'],
    ] as const) {
      const error = await createCompletion('healthy', overrides).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(error).toMatchObject({ status: 400, param, type: 'invalid_request_error' });
    }
    expect(provider.calls).toHaveLength(0);
  });

  it("throws BadRequestError without the provider's message for a request that the provider rejects", async () => {
    const { createCompletion, provider } = await start();
    const error = await createCompletion('status_400').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.message).not.toContain('canary');
    expect(provider.calls).toHaveLength(1);
  });

  it('throws AuthenticationError for a wrong key', async () => {
    const { openai, baseURL } = await start({ apiKeys: ['the-right-key'] }, startPlatform);
    const error = await openai.models.list().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
    const known = new OpenAI({ baseURL, apiKey: 'the-right-key' });
    expect((await known.models.list()).data.length).toBeGreaterThan(0);
  });

  it('throws RateLimitError with Retry-After and without retries by the SDK, because the wait is long', async () => {
    const { openai, provider } = await start();
    const withoutRetries = openai.withOptions({ maxRetries: 0 });
    for (const stream of [false, true]) {
      const error = await withoutRetries.chat.completions
        .create({ model: 'status_429', messages: [{ role: 'user', content: `Stream ${stream}` }], stream })
        .catch((thrown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
      expect(error.headers.get('retry-after')).toBe('7');
      expect(error.headers.get('x-should-retry')).toBe('false');
    }
    // The second request fails from the limit that the first one reported.
    expect(provider.calls).toHaveLength(1);
  });

  it('throws RateLimitError for an exhausted quota and does not retry', async () => {
    const { createCompletion, provider } = await start();
    const error = await createCompletion('quota_429').catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota' });
    expect(provider.calls).toHaveLength(1);
  });

  it.each(['status_500', 'status_503', 'html_200', 'cut_before_content'])(
    'throws InternalServerError after four calls in total, without retries by the SDK: %s',
    async (model) => {
      for (const stream of [false, true]) {
        const { createCompletion, provider } = await start();
        const error = await createCompletion(model, { stream }).catch((thrown) => thrown);
        expect(error).toBeInstanceOf(OpenAI.InternalServerError);
        expect(error).toMatchObject({ status: 502, code: 'provider_error', type: 'server_error' });
        expect(error.headers.get('x-should-retry')).toBe('false');
        expect(error.headers.get('x-prodigon-attempts')).toBe('4');
        expect(error.message).not.toContain('canary');
        expect(provider.calls).toHaveLength(4);
      }
    },
  );

  it.each([
    ['status_401', 502],
    ['hang', 504],
  ])('throws InternalServerError after one call for a failure that is not temporary: %s', async (model, status) => {
    const advanceTimers = installFakeTimers();
    const { createCompletion, provider } = await start({ totalTimeoutMs: 200 }, startPlatform);
    const calling = provider.nextCall();
    const failing = createCompletion(model).catch((thrown) => thrown);
    await calling;
    if (model === 'hang') advanceTimers(200);
    const error = await failing;
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error.status).toBe(status);
    expect(error.headers.get('x-should-retry')).toBe('false');
    expect(provider.calls).toHaveLength(1);
  });

  it('throws RateLimitError without retries by the SDK if the limit outlasts the retries of Prodigon', async () => {
    const advanceTimers = installFakeTimers();
    const { createCompletion, provider, log } = await start({ policy: { firstDelayMs: 1, attemptsMax: 2 } });
    const failing = createCompletion('limited_1').catch((thrown) => thrown);
    await until(() => log().includes('failed'));
    advanceTimers(1_001);
    const error = await failing;
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.headers.get('x-should-retry')).toBe('false');
    expect(provider.calls).toHaveLength(2);
  });

  it('throws APIError in mid-stream and does not retry', async () => {
    const { createCompletion, provider } = await start();
    const stream = (await createCompletion('cut_mid_stream', { stream: true })) as unknown as AsyncIterable<unknown>;
    const error = await collect(stream).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ code: 'provider_error', type: 'server_error' });
    expect(provider.calls).toHaveLength(1);
  });

  it('throws NotFoundError for an unknown path', async () => {
    const { openai } = await start();
    await expect(openai.files.list()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
