import type { ModelHealth } from '@prodigon/contracts';
import { createOpenAiCompatibleProvider } from '@prodigon/model-providers';
import type { ProviderRegistration } from '@prodigon/ports';
import { startFaultProvider } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PlatformOptions, startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import { createRecordingUsage } from '../usage/usage-store.test-support.ts';
import { readAll, STREAM, startWithFaults, TEXT, TYPED, textOf, WORDS } from './generation.test-support.ts';

const WHOLE = '/api/v1/generate';
const WAIT = { timeout: 30_000 };
/** Closed for as long as a test takes, however slow the machine. */
const LONG_MS = 3_600_000;

describe.each(TOPOLOGIES)('answers that take several calls, %s,', (topology) => {
  const withFaults = (options: Partial<PlatformOptions> = {}) => startWithFaults(topology, options);
  const ask = (model: string, prompt = 'Hi') => ({ prompt, model });

  it('come from the third call when two have failed, and everybody can see that', async () => {
    const { records, usage } = createRecordingUsage();
    const { post, provider, metrics, log } = await withFaults({ usage });
    const response = await post(WHOLE, ask('flaky_2_503'), { headers: { 'x-request-id': 'third-time' } });
    expect([response.status, (await response.json()).text]).toEqual([200, TEXT]);
    expect(response.headers.get('x-prodigon-attempts')).toBe('3');
    expect(provider.calls).toHaveLength(3);

    const told = await metrics.registry.metrics();
    expect(told).toContain('provider_attempts_total{provider="faulty",model="flaky_2_503",outcome="INFERENCE_ERROR"} 2');
    expect(told).toContain('provider_attempts_total{provider="faulty",model="flaky_2_503",outcome="OK"} 1');
    const failed = log()
      .split('\n')
      .filter((line) => line.includes('did not answer'))
      .map((line) => JSON.parse(line));
    expect(failed).toMatchObject([
      { request_id: 'third-time', provider: 'faulty', model: 'flaky_2_503', attempt: 1, code: 'INFERENCE_ERROR' },
      { request_id: 'third-time', provider: 'faulty', model: 'flaky_2_503', attempt: 2, code: 'INFERENCE_ERROR' },
    ]);
    await expect.poll(() => records, WAIT).toMatchObject([{ requestId: 'third-time', attempts: 3, status: 'completed' }]);
  });

  it('are streamed and paid for once', async () => {
    const models = { flaky_2: { price: { input: 1_000_000, output: 2_000_000 } } };
    const { post, provider } = await withFaultyModels(models);
    const events = await readAll(await post(STREAM, ask('flaky_2'), TYPED));
    expect(textOf(events)).toBe(TEXT);
    expect(provider.calls).toHaveLength(3);
    expect(events.find(({ event }) => event === 'usage')?.data).toMatchObject({
      prompt_tokens: 7,
      completion_tokens: WORDS.length,
      cost_usd: 7 + 2 * WORDS.length,
      estimated: false,
    });
  });

  /** The fault provider as one whose models something is known of. */
  async function withFaultyModels(
    models: ProviderRegistration['models'],
    options: Partial<PlatformOptions & ProviderRegistration> = {},
  ) {
    const provider = await startFaultProvider({ words: WORDS });
    onTestFinished(() => provider.close());
    const adapter = createOpenAiCompatibleProvider({ name: 'faulty', baseUrl: provider.baseUrl, connectTimeoutMs: 5_000 });
    onTestFinished(() => adapter.close());
    const { retired, timeouts, ...rest } = options;
    const entry: ProviderRegistration = { endpoints: [adapter], acceptsOtherIds: true, models, retired, timeouts };
    const platform = await startPlatform({ topology, providers: [entry], policy: { firstDelayMs: 1 }, ...rest });
    return { ...platform, provider };
  }

  it('come from the fallback when the model itself fails, and say so in headers', async () => {
    const { post, provider } = await withFaultyModels({ status_500: { fallbacks: ['healthy'] } });
    for (const path of [WHOLE, STREAM]) {
      const response = await post(path, ask('status_500'));
      expect(await response.text()).toContain('carry ');
      expect(response.headers.get('x-prodigon-model')).toBe('healthy');
      expect(response.headers.get('x-prodigon-attempts')).toBe('3');
    }
    expect(provider.calls.map(({ model }) => model)).toEqual(Array(2).fill(['status_500', 'status_500', 'healthy']).flat());
  });

  it('come from the fallback with an event that tells who gave way to whom, and why', async () => {
    const models = { status_500: { aliases: ['nickname'], fallbacks: ['limited_60', 'healthy'] } };
    const { post } = await withFaultyModels(models);
    const events = await readAll(await post(STREAM, ask('nickname'), TYPED));
    expect(events.slice(0, 4)).toMatchObject([
      { event: 'start', data: { model: 'status_500' } },
      { event: 'fallback', data: { from: 'status_500', to: 'limited_60', reason: 'INFERENCE_ERROR' } },
      { event: 'fallback', data: { from: 'limited_60', to: 'healthy', reason: 'RATE_LIMITED' } },
      { event: 'token' },
    ]);
    expect(textOf(events)).toBe(TEXT);
  });

  it('come from the fallback when the first token does not come in time', async () => {
    const models = { silent_stream: { fallbacks: ['healthy'], timeouts: { firstTokenMs: 50 } } };
    const { post, provider } = await withFaultyModels(models);
    const events = await readAll(await post(STREAM, ask('silent_stream'), TYPED));
    expect(events[1]).toMatchObject({ event: 'fallback', data: { reason: 'DEADLINE_EXCEEDED' } });
    expect(textOf(events)).toBe(TEXT);
    expect(provider.calls).toHaveLength(2);
    await provider.calls[0]?.disconnected;
  });

  it.each(['cut_mid_stream', 'error_frame', 'end_without_finish'])(
    'never come from the fallback after content: %s',
    async (model) => {
      const { post, provider } = await withFaultyModels({ [model]: { fallbacks: ['healthy'] } });
      const events = await readAll(await post(STREAM, ask(model), TYPED));
      expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
      expect(provider.calls).toHaveLength(1);
    },
  );

  it('come from the successor of a model that is gone, with a warning', async () => {
    const { post, provider } = await withFaultyModels(
      { healthy: {} },
      { retired: { bygone: { on: '2020-01-01', use: 'healthy' }, down_then_up: { on: '9999-01-01', use: 'healthy' } } },
    );
    const gone = 'bygone was retired on 2020-01-01. healthy responds instead.';
    for (const [path, init] of [
      [WHOLE, {}],
      [STREAM, {}],
      [STREAM, TYPED],
    ] as const) {
      const response = await post(path, ask('bygone'), init);
      expect([response.status, response.headers.get('x-prodigon-warning')]).toEqual([200, gone]);
      await response.text();
    }
    const chat = await post('/v1/chat/completions', { model: 'bygone', messages: [{ role: 'user', content: 'Hi' }] });
    expect([chat.headers.get('x-prodigon-model'), chat.headers.get('x-prodigon-warning')]).toEqual(['healthy', gone]);
    expect(provider.calls.map(({ model }) => model)).toEqual(Array(4).fill('healthy'));
    expect((await post(WHOLE, ask('down_then_up'))).headers.get('x-prodigon-warning')).toMatch(
      /^down_then_up will be retired on 9999-01-01/,
    );
  });

  it('end with 504 when every provider hangs', async () => {
    const models = { hang: { fallbacks: ['hang_too'] } };
    const { post, provider } = await withFaultyModels(models, { totalTimeoutMs: 400 });
    for (const path of [WHOLE, STREAM]) {
      const response = await post(path, ask('hang'));
      expect([response.status, (await response.json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    }
    await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
    expect(provider.calls).toHaveLength(2);
  });

  describe('from a model that fails again and again', () => {
    const healthOf = async (url: string, model: string): Promise<ModelHealth> => {
      const { models } = await (await fetch(`${url}/api/v1/models`)).json();
      return models.find(({ id }: { id: string }) => id === model)?.health;
    };
    const once = { firstDelayMs: 1, attemptsMax: 1 };

    it('are refused without a call after five failures, and its health says so', async () => {
      const breaker = { failuresMax: 5, openMs: LONG_MS, openMsMax: LONG_MS };
      const { post, provider, url, metrics } = await withFaults({ policy: { firstDelayMs: 1, breaker } });
      for (const attempts of ['4', '1']) {
        const response = await post(WHOLE, ask('status_500'));
        expect([response.status, response.headers.get('x-prodigon-attempts')]).toEqual([502, attempts]);
      }
      expect(provider.calls.filter(({ model }) => model === 'status_500')).toHaveLength(5);
      const refused = await post(STREAM, ask('status_500'));
      expect([refused.status, refused.headers.get('x-prodigon-attempts')]).toEqual([503, '0']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
      expect((await refused.json()).error).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
      expect(provider.calls.filter(({ model }) => model === 'status_500')).toHaveLength(5);
      // Another model of the same provider is none the worse for it.
      expect((await post(WHOLE, ask('healthy'))).status).toBe(200);
      await expect
        .poll(() => healthOf(url, 'status_500'), WAIT)
        .toMatchObject({ state: 'unavailable', breaker: 'open', failed: 5, last_error: { code: 'INFERENCE_ERROR' } });
      expect(await metrics.registry.metrics()).toContain('provider_breaker_state{provider="faulty",model="status_500"} 2');
    });

    it('come again after one probe that alone goes through, and its health says that too', async () => {
      const breaker = { failuresMax: 5, openMs: 1, openMsMax: 1 };
      const { post, provider, url } = await withFaults({ policy: { ...once, patienceMs: 0, breaker } });
      provider.health = 'down';
      for (let call = 0; call < 5; call++) expect((await post(WHOLE, ask('down_then_up'))).status).toBe(502);
      await expect.poll(() => healthOf(url, 'down_then_up'), WAIT).toMatchObject({ last_error: { code: 'INFERENCE_ERROR' } });
      provider.health = 'up';
      await expect.poll(async () => (await post(WHOLE, ask('down_then_up'))).status, WAIT).toBe(200);
      await expect
        .poll(() => healthOf(url, 'down_then_up'), WAIT)
        .toMatchObject({ state: 'ok', breaker: 'closed', failed: 5, succeeded: 1, retry_after_s: null });
    });

    it('let one probe through and refuse all others until it has answered', async () => {
      const breaker = { failuresMax: 1, openMs: 1, openMsMax: 1 };
      const { post, provider } = await withFaults({ firstTokenMs: 1_000, policy: { ...once, patienceMs: 0, breaker } });
      provider.gate.close();
      // It is too slow while the gate is closed, which opens the breaker.
      expect((await post(STREAM, ask('slow_first_token'))).status).toBe(504);
      const asked = provider.nextCall();
      const probe = post(STREAM, ask('slow_first_token', 'probe'));
      await asked;
      const others = await Promise.all(Array.from({ length: 10 }, () => post(STREAM, ask('slow_first_token'))));
      expect(others.map(({ status }) => status)).toEqual(Array(10).fill(503));
      expect(provider.calls).toHaveLength(2);
      provider.gate.open();
      expect(await (await probe).text()).toMatch(/\[DONE\]\n\n$/);
      expect((await post(STREAM, ask('slow_first_token'))).status).toBe(200);
    });
  });

  describe('from a provider at its limit', () => {
    it('are not asked for again before it has said, and callers hear for how long', async () => {
      const { post, provider } = await withFaults();
      const first = await post(WHOLE, ask('status_429'));
      expect([first.status, first.headers.get('retry-after'), first.headers.get('x-prodigon-attempts')]).toEqual([429, '7', '1']);
      const next = await post(WHOLE, ask('status_429'));
      expect([next.status, next.headers.get('x-prodigon-attempts')]).toEqual([429, '0']);
      expect(Number(next.headers.get('retry-after'))).toBeLessThanOrEqual(7);
      expect(provider.calls).toHaveLength(1);
      expect((await post(WHOLE, ask('healthy'))).status).toBe(200);
    });

    it('come within the same request when its time is short', async () => {
      const { post, provider } = await withFaults();
      const response = await post(WHOLE, ask('limited_once_1'));
      expect([response.status, response.headers.get('x-prodigon-attempts')]).toEqual([200, '2']);
      const [first, second] = provider.calls;
      expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
    });

    /** One provider with two keys. */
    async function withTwoKeys(keys: { refusedKeys?: string[]; limitedKeys?: string[] }) {
      const provider = await startFaultProvider({ words: WORDS, ...keys });
      onTestFinished(() => provider.close());
      const endpoints = ['key-one-0123456789', 'key-two-0123456789'].map((apiKey) =>
        createOpenAiCompatibleProvider({ name: 'faulty', baseUrl: provider.baseUrl, apiKey, connectTimeoutMs: 5_000 }),
      );
      onTestFinished(async () => void (await Promise.all(endpoints.map((endpoint) => endpoint.close()))));
      const platform = await startPlatform({
        topology,
        providers: [{ endpoints, acceptsOtherIds: true }],
        policy: { firstDelayMs: 1 },
      });
      const callsWith = (key: string) => provider.calls.filter((call) => call.key === key).length;
      return { ...platform, callsWith };
    }

    it('come with another key in the same request, and the limited key is left alone', async () => {
      const { post, callsWith } = await withTwoKeys({ limitedKeys: ['key-one-0123456789'] });
      for (let request = 0; request < 6; request++) expect((await post(WHOLE, ask('healthy'))).status).toBe(200);
      expect([callsWith('key-one-0123456789'), callsWith('key-two-0123456789')]).toEqual([1, 6]);
    });

    it('fail once for a key that is refused, which is then left alone', async () => {
      const { post, callsWith, log } = await withTwoKeys({ refusedKeys: ['key-one-0123456789'] });
      const statuses: number[] = [];
      for (let request = 0; request < 6; request++) statuses.push((await post(WHOLE, ask('healthy'))).status);
      expect(statuses.filter((status) => status === 502)).toHaveLength(1);
      expect(statuses.slice(2)).toEqual([200, 200, 200, 200]);
      expect([callsWith('key-one-0123456789'), callsWith('key-two-0123456789')]).toEqual([1, 5]);
      expect(log()).not.toContain('key-one-0123456789');
    });

    it('are 502 and never 429 when all keys are refused', async () => {
      const { post } = await withTwoKeys({ refusedKeys: ['key-one-0123456789', 'key-two-0123456789'] });
      for (let request = 0; request < 4; request++) expect((await post(WHOLE, ask('healthy'))).status).toBe(502);
    });
  });
});
