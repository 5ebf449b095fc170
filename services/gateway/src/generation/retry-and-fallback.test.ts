import { AppError, type ModelHealth } from '@prodigon/contracts';
import type { ProviderRegistration } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, shareGateway, startPlatform, TOPOLOGIES } from '../gateway-harness.test-support.ts';
import {
  installFakeTimers,
  readAll,
  STREAM,
  startFaultyProvider,
  startWithFaults,
  TEXT,
  TYPED,
  textOf,
  WORDS,
} from './generation.test-support.ts';

const COMPLETE = '/api/v1/generate';
const WAIT = { timeout: 30_000, interval: 5 };
/** Longer than any test. */
const LONG_MS = 3_600_000;

const bodyFor = (model: string, prompt = 'Hi') => ({ prompt, model });

describe.each(TOPOLOGIES)('retries and fallbacks, model service %s', (topology) => {
  const start = shareGateway(topology);
  const withFaults = (options: Partial<ModelOptions> = {}) => startWithFaults(topology, options, start);

  /** Starts the fault provider with a registration that configures its models, which the gateway caches. */
  async function withFaultyModels(
    models: ProviderRegistration['models'],
    { retired, timeouts, ...options }: Partial<ModelOptions & ProviderRegistration> = {},
  ) {
    const { provider, adapter } = await startFaultyProvider();
    const entry: ProviderRegistration = { endpoints: [adapter], acceptsOtherIds: true, models, retired, timeouts };
    return { ...(await startPlatform({ topology, providers: [entry], policy: { firstDelayMs: 1 }, ...options })), provider };
  }

  it('retries until the third call succeeds, and reports the attempts in the header, metrics, log and usage', async () => {
    const { post, provider, metrics, log, records, flushUsage } = await withFaults();
    const response = await post(COMPLETE, bodyFor('flaky_2_503'), { headers: { 'x-request-id': 'third-time' } });
    expect([response.status, (await response.json()).text]).toEqual([200, TEXT]);
    expect(response.headers.get('x-prodigon-attempts')).toBe('3');
    expect(provider.calls).toHaveLength(3);

    const reported = await metrics.registry.metrics();
    expect(reported).toContain('provider_attempts_total{provider="faulty",model="flaky_2_503",outcome="INFERENCE_ERROR"} 2');
    expect(reported).toContain('provider_attempts_total{provider="faulty",model="flaky_2_503",outcome="OK"} 1');
    const failed = log()
      .split('\n')
      .filter((line) => line.includes('Call to faulty failed'))
      .map((line) => JSON.parse(line));
    expect(failed).toMatchObject([
      { request_id: 'third-time', provider: 'faulty', model: 'flaky_2_503', attempt: 1, code: 'INFERENCE_ERROR' },
      { request_id: 'third-time', provider: 'faulty', model: 'flaky_2_503', attempt: 2, code: 'INFERENCE_ERROR' },
    ]);
    await flushUsage();
    expect(records).toMatchObject([{ requestId: 'third-time', attempts: 3, status: 'completed' }]);
  });

  it('charges a retried stream once', async () => {
    const models = { flaky_2: { price: { input: 1_000_000, output: 2_000_000 } } };
    const { post, provider } = await withFaultyModels(models);
    const events = await readAll(await post(STREAM, bodyFor('flaky_2'), TYPED));
    expect(textOf(events)).toBe(TEXT);
    expect(provider.calls).toHaveLength(3);
    expect(events.find(({ event }) => event === 'usage')?.data).toMatchObject({
      prompt_tokens: 7,
      completion_tokens: WORDS.length,
      cost_usd: 7 + 2 * WORDS.length,
      estimated: false,
    });
  });

  it('falls back to another model when a model fails, and names it in the headers', async () => {
    const { post, provider } = await withFaultyModels({ status_500: { fallbacks: ['healthy'] } });
    for (const path of [COMPLETE, STREAM]) {
      const response = await post(path, bodyFor('status_500'));
      expect(await response.text()).toContain('carry ');
      expect(response.headers.get('x-prodigon-model')).toBe('healthy');
      expect(response.headers.get('x-prodigon-attempts')).toBe('3');
    }
    expect(provider.calls.map(({ model }) => model)).toEqual(Array(2).fill(['status_500', 'status_500', 'healthy']).flat());
  });

  it('sends a fallback event with the failed model, its successor and the reason', async () => {
    const models = { status_500: { aliases: ['nickname'], fallbacks: ['limited_60', 'healthy'] } };
    const { post } = await withFaultyModels(models);
    const events = await readAll(await post(STREAM, bodyFor('nickname'), TYPED));
    expect(events.slice(0, 4)).toMatchObject([
      { event: 'start', data: { model: 'status_500' } },
      { event: 'fallback', data: { from: 'status_500', to: 'limited_60', reason: 'INFERENCE_ERROR' } },
      { event: 'fallback', data: { from: 'limited_60', to: 'healthy', reason: 'RATE_LIMITED' } },
      { event: 'token' },
    ]);
    expect(textOf(events)).toBe(TEXT);
  });

  it('falls back after the first-token timeout', async () => {
    const models = { silent_stream: { fallbacks: ['healthy'], timeouts: { firstTokenMs: 50 } } };
    const advanceTimers = installFakeTimers();
    const { post, provider } = await withFaultyModels(models);
    const calling = provider.nextCall();
    const responding = post(STREAM, bodyFor('silent_stream'), TYPED);
    await calling;
    advanceTimers(50);
    const events = await readAll(await responding);
    expect(events[1]).toMatchObject({ event: 'fallback', data: { reason: 'DEADLINE_EXCEEDED' } });
    expect(textOf(events)).toBe(TEXT);
    expect(provider.calls).toHaveLength(2);
    await provider.calls[0]?.disconnected;
  });

  it.each(['cut_mid_stream', 'error_frame', 'end_without_finish'])(
    'does not fall back after the first token: %s',
    async (model) => {
      const { post, provider } = await withFaultyModels({ [model]: { fallbacks: ['healthy'] } });
      const events = await readAll(await post(STREAM, bodyFor(model), TYPED));
      expect(events.map(({ event }) => event)).toEqual(['start', 'token', 'token', 'error']);
      expect(provider.calls).toHaveLength(1);
    },
  );

  it('uses the successor of a retired model and sends a warning', async () => {
    const { post, provider } = await withFaultyModels(
      { healthy: {} },
      { retired: { bygone: { on: '2020-01-01', use: 'healthy' }, down_then_up: { on: '9999-01-01', use: 'healthy' } } },
    );
    const gone = 'bygone was retired on 2020-01-01. healthy responds instead.';
    for (const [path, init] of [
      [COMPLETE, {}],
      [STREAM, {}],
      [STREAM, TYPED],
    ] as const) {
      const response = await post(path, bodyFor('bygone'), init);
      expect([response.status, response.headers.get('x-prodigon-warning')]).toEqual([200, gone]);
      await response.text();
    }
    const chat = await post('/v1/chat/completions', { model: 'bygone', messages: [{ role: 'user', content: 'Hi' }] });
    expect([chat.headers.get('x-prodigon-model'), chat.headers.get('x-prodigon-warning')]).toEqual(['healthy', gone]);
    expect(provider.calls.map(({ model }) => model)).toEqual(Array(4).fill('healthy'));
    expect((await post(COMPLETE, bodyFor('down_then_up'))).headers.get('x-prodigon-warning')).toMatch(
      /^down_then_up will be retired on 9999-01-01/,
    );
  });

  describe('circuit breaker', () => {
    const healthOf = async (url: string, model: string): Promise<ModelHealth> => {
      const { models } = await (await fetch(`${url}/api/v1/models`)).json();
      return models.find(({ id }: { id: string }) => id === model)?.health;
    };
    const once = { firstDelayMs: 1, attemptsMax: 1 };

    it('opens the circuit breaker after five failed requests, rejects others without a call, and reports it in model health', async () => {
      const breaker = { failuresMax: 5, openMs: LONG_MS, openMsMax: LONG_MS };
      const { post, provider, url, metrics } = await withFaults({ policy: { firstDelayMs: 1, breaker } });
      for (const [index, attempts] of ['4', '4', '4', '4', '1'].entries()) {
        const response = await post(COMPLETE, bodyFor('status_500', `Question ${index}`));
        expect([response.status, response.headers.get('x-prodigon-attempts')]).toEqual([502, attempts]);
      }
      expect(provider.calls.filter(({ model }) => model === 'status_500')).toHaveLength(17);
      const rejected = await post(STREAM, bodyFor('status_500'));
      expect([rejected.status, rejected.headers.get('x-prodigon-attempts')]).toEqual([503, '0']);
      expect(Number(rejected.headers.get('retry-after'))).toBeGreaterThan(3_000);
      expect((await rejected.json()).error).toMatchObject({ code: 'CIRCUIT_OPEN' });
      expect(provider.calls.filter(({ model }) => model === 'status_500')).toHaveLength(17);
      // Other models of the same provider are not affected.
      expect((await post(COMPLETE, bodyFor('healthy'))).status).toBe(200);
      await expect
        .poll(() => healthOf(url, 'status_500'), WAIT)
        .toMatchObject({ state: 'unavailable', breaker: 'open', failed: 17, last_error: { code: 'INFERENCE_ERROR' } });
      expect(await metrics.registry.metrics()).toContain('provider_breaker_state{provider="faulty",model="status_500"} 2');
    });

    it('closes the circuit breaker after one successful probe, and reports it in model health', async () => {
      const breaker = { failuresMax: 5, openMs: 1, openMsMax: 1 };
      const { post, provider, url } = await withFaults({ policy: { ...once, patienceMs: 0, breaker } });
      provider.health = 'down';
      for (let call = 0; call < 5; call++) expect((await post(COMPLETE, bodyFor('down_then_up'))).status).toBe(502);
      await expect.poll(() => healthOf(url, 'down_then_up'), WAIT).toMatchObject({ last_error: { code: 'INFERENCE_ERROR' } });
      provider.health = 'up';
      await expect.poll(async () => (await post(COMPLETE, bodyFor('down_then_up'))).status, WAIT).toBe(200);
      await expect
        .poll(() => healthOf(url, 'down_then_up'), WAIT)
        .toMatchObject({ state: 'ok', breaker: 'closed', failed: 5, succeeded: 1, retry_after_s: null });
    });

    it('admits one probe and rejects all other requests until the probe succeeds', async () => {
      const breaker = { failuresMax: 1, openMs: 1, openMsMax: 1 };
      const { provider, adapter } = await startFaultyProvider();
      let failures = 1;
      const endpoint: typeof adapter = {
        ...adapter,
        async *stream(...call) {
          if (failures-- > 0) throw new AppError('INFERENCE_ERROR');
          yield* adapter.stream(...call);
        },
      };
      const providers = [{ endpoints: [endpoint], acceptsOtherIds: true }];
      const { post } = await start({ topology, providers, policy: { ...once, patienceMs: 0, breaker } });
      provider.gate.close();
      expect((await post(STREAM, bodyFor('slow_first_token'))).status).toBe(502);
      const probing = provider.nextCall();
      const probe = post(STREAM, bodyFor('slow_first_token', 'probe'));
      await probing;
      const others = await Promise.all(Array.from({ length: 10 }, () => post(STREAM, bodyFor('slow_first_token'))));
      expect(others.map(({ status }) => status)).toEqual(Array(10).fill(503));
      expect(provider.calls).toHaveLength(1);
      provider.gate.open();
      expect(await (await probe).text()).toMatch(/\[DONE\]\n\n$/);
      expect((await post(STREAM, bodyFor('slow_first_token'))).status).toBe(200);
    });
  });

  it('returns 504 when every model hangs', async () => {
    const models = { hang: { fallbacks: ['hang_too'] } };
    const { provider, adapter } = await startFaultyProvider();
    const providers = [{ endpoints: [adapter], acceptsOtherIds: true, models }];
    const advanceTimers = installFakeTimers();
    const { post } = await startPlatform({ topology, providers, policy: { firstDelayMs: 1 }, totalTimeoutMs: 200 });
    for (const path of [COMPLETE, STREAM]) {
      const calling = provider.nextCall();
      const responding = post(path, bodyFor('hang'));
      await calling;
      advanceTimers(200);
      const response = await responding;
      expect([response.status, (await response.json()).error.code]).toEqual([504, 'DEADLINE_EXCEEDED']);
    }
    await Promise.all(provider.calls.map(({ disconnected }) => disconnected));
    expect(provider.calls).toHaveLength(2);
  });
});
