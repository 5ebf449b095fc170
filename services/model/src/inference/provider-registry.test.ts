import { AppError, type ErrorCode } from '@prodigon/contracts';
import { createMetrics } from '@prodigon/platform';
import type { ModelProvider } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import type { Target } from './model-catalog.ts';
import { type CallPermit, createProviderRegistry } from './provider-registry.ts';

const BREAKER = { failuresMax: 2, openMs: 10_000, openMsMax: 60_000 };

interface SetUpOptions extends Pick<Partial<ModelProvider>, 'opensBreaker'> {
  keys?: number;
  offline?: boolean;
}

/** Creates a registry of one provider whose clock only `pass` advances. */
function setUp({ keys = 1, offline = false, ...provider }: SetUpOptions = {}) {
  let now = 1_000_000;
  let requests = 0;
  const metrics = createMetrics();
  const registry = createProviderRegistry({ policy: { breaker: BREAKER }, metrics, now: () => now });
  const endpoints = Array.from({ length: keys }, (_, key) => ({ ...provider, name: `key-${key}` }) as ModelProvider);
  const registration = { endpoints };
  const acquireAny = (model = 'large', caller?: string) => {
    const target: Target = { registration, provider: 'acme', offline, model, id: model, label: model, metadata: {} };
    requests += 1;
    return registry.acquire(target, { caller: caller ?? `caller-${requests}`, fingerprint: String(requests) });
  };
  const acquire = (model?: string): CallPermit => {
    const permit = acquireAny(model);
    return 'waitMs' in permit ? expect.unreachable(`Rejected: ${permit.failure.message}`) : permit;
  };
  const open = (model?: string) => {
    for (let call = 0; call < BREAKER.failuresMax; call++) acquire(model).fail(new AppError('INFERENCE_ERROR'));
  };
  return {
    acquire,
    acquireAny,
    open,
    healthOf: (id = 'large') => registry.healthOf(registration, id),
    breakerStateOf: async (model = 'large') =>
      (await metrics.breakerState.get()).values.find(({ labels }) => labels.model === model)?.value,
    pass: (ms: number) => (now += ms),
  };
}

describe('call permit', () => {
  it('counts only the first report of the end of a call', () => {
    const { acquire, healthOf } = setUp();
    const permit = acquire();
    permit.succeed();
    permit.succeed();
    permit.fail(new AppError('INFERENCE_ERROR'));
    permit.fail(new AppError('INFERENCE_ERROR'));
    expect(healthOf()).toMatchObject({ state: 'ok', succeeded: 1, failed: 0, breaker: 'closed' });
    const failed = acquire();
    failed.fail(new AppError('INFERENCE_ERROR'));
    failed.fail(new AppError('INFERENCE_ERROR'));
    failed.succeed();
    expect(healthOf()).toMatchObject({ state: 'failing', succeeded: 1, failed: 1, breaker: 'closed' });
  });

  it('releases the endpoint of a call once', () => {
    const { acquire } = setUp({ keys: 2 });
    const [one, other] = [acquire(), acquire()];
    expect(one.endpoint).not.toBe(other.endpoint);
    one.succeed();
    one.succeed();
    expect(acquire().endpoint).toBe(one.endpoint);
    expect(new Set([acquire().endpoint, acquire().endpoint]).size).toBe(2);
  });

  it('reports the time to the first token of a success', () => {
    const { acquire, healthOf } = setUp();
    const permit = acquire();
    permit.onFirstToken(120);
    expect(healthOf()).toMatchObject({ succeeded: 0, ttft_p50_ms: null });
    permit.succeed();
    expect(healthOf()).toMatchObject({ succeeded: 1, ttft_p50_ms: 120 });
  });

  it('stores the latest rate limits and applies them to its endpoint', () => {
    const { acquire, acquireAny } = setUp();
    const permit = acquire();
    expect(permit.rateLimits).toBeNull();
    const limits = { requests: { limit: 10, remaining: 0, resetMs: 4_500 }, tokens: null };
    permit.recordRateLimits(limits);
    permit.succeed();
    expect(permit.rateLimits).toBe(limits);
    expect(acquireAny()).toMatchObject({ waitMs: 4_500, failure: { code: 'RATE_LIMITED', retryAfterSeconds: 4.5, attempts: 0 } });
  });

  it.each(['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'PROVIDER_UNREACHABLE', 'DEADLINE_EXCEEDED'] as const)(
    'opens the circuit breaker after repeated %s, and counts it as a failure',
    (code) => {
      const { acquire, acquireAny, healthOf } = setUp();
      for (let call = 0; call < 2; call++) acquire().fail(new AppError(code));
      expect(acquireAny()).toMatchObject({
        waitMs: 10_000,
        failure: { code: 'CIRCUIT_OPEN', retryAfterSeconds: 10, retryable: true, attempts: 0 },
      });
      expect(healthOf()).toMatchObject({ state: 'unavailable', failed: 2, last_error: { code } });
    },
  );

  it.each<[ErrorCode, number]>([
    ['RATE_LIMITED', 6],
    ['QUOTA_EXHAUSTED', 6],
    ['PROVIDER_KEY_REFUSED', 6],
    ['BAD_REQUEST', 0],
    ['CONTEXT_LENGTH_EXCEEDED', 0],
    ['CANCELLED', 0],
  ])('keeps the circuit breaker closed after %s', (code, failed) => {
    const { acquire, healthOf, pass } = setUp();
    for (let call = 0; call < 6; call++) {
      acquire().fail(new AppError(code));
      pass(1_000);
    }
    expect(healthOf()).toMatchObject({ breaker: 'closed', failed });
  });

  it('opens the circuit breaker when streams fail after their first token', () => {
    const { acquire, acquireAny } = setUp();
    for (let call = 0; call < 2; call++) {
      const permit = acquire();
      permit.onFirstToken(5);
      permit.fail(new AppError('INFERENCE_ERROR'));
    }
    expect(acquireAny()).toMatchObject({ failure: { code: 'CIRCUIT_OPEN' } });
  });
});

describe('provider registry', () => {
  it.each([
    ['a provider', false],
    ['an offline model, which has no outages', true],
  ])('reports an open circuit breaker as an outage, or not, for %s', (_case, offline) => {
    const { acquire, acquireAny } = setUp({ offline });
    acquire().fail(new AppError('INFERENCE_ERROR'));
    expect(acquire().fail(new AppError('INFERENCE_ERROR'))).toBe(!offline);
    expect(acquireAny()).toMatchObject({ failure: { code: 'CIRCUIT_OPEN', isCircuitOpen: !offline } });
  });

  it('opens no circuit breaker for failures that the provider excludes', () => {
    const { acquire, acquireAny, open, healthOf } = setUp({ opensBreaker: (model) => model.endsWith('?circuit_breaker=true') });
    open('large');
    acquire('large').succeed();
    expect(healthOf()).toMatchObject({ breaker: 'closed', failed: 2 });
    open('large?circuit_breaker=true');
    expect(acquireAny('large?circuit_breaker=true')).toMatchObject({ failure: { code: 'CIRCUIT_OPEN' } });
  });

  it('keeps a circuit breaker open while 2,000 other ids are called', () => {
    const { acquire, acquireAny, open } = setUp();
    open('large');
    for (let index = 0; index < 2_000; index++) acquire(`invented-${index}`).succeed();
    expect(acquireAny('large')).toMatchObject({ failure: { code: 'CIRCUIT_OPEN', retryAfterSeconds: 10 } });
  });

  it('uses separate circuit breakers for different parameters', () => {
    const { acquire, acquireAny, open } = setUp();
    open('prodigon-sim?fault=stall');
    expect(acquireAny('prodigon-sim?fault=stall')).toHaveProperty('waitMs');
    acquire('prodigon-sim').succeed();
  });

  it('reports a circuit breaker in the health only while it rejects every caller', () => {
    const { acquireAny, healthOf } = setUp();
    const fail = (caller: string) => {
      const permit = acquireAny('large', caller);
      if ('waitMs' in permit) expect.unreachable('The breaker rejects the call.');
      else permit.fail(new AppError('INFERENCE_ERROR'));
    };
    for (const caller of ['ada', 'ada']) fail(caller);
    expect(acquireAny('large', 'ada')).toHaveProperty('waitMs');
    // No other caller has used the model yet.
    expect(healthOf()).toMatchObject({ state: 'unavailable', breaker: 'open' });
    acquireAny('large', 'bob');
    expect(healthOf()).toMatchObject({ state: 'failing', breaker: 'closed', retry_after_s: null });
    fail('bob');
    expect(healthOf()).toMatchObject({ state: 'unavailable', breaker: 'open', retry_after_s: 10 });
  });

  it('exports the breaker state as 0 closed, 1 half-open and 2 open', async () => {
    const { acquire, open, pass, breakerStateOf } = setUp();
    acquire().succeed();
    expect(await breakerStateOf()).toBe(0);
    open();
    expect(await breakerStateOf()).toBe(2);
    pass(10_000);
    const probe = acquire();
    expect(await breakerStateOf()).toBe(1);
    probe.onFirstToken(5);
    expect(await breakerStateOf()).toBe(0);
  });

  it('releases the probe when the provider is rate-limited', () => {
    const { acquire, acquireAny, open, pass } = setUp();
    acquire('large').fail(new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: 11 }));
    pass(11_000);
    const limited = acquire('large');
    open();
    limited.fail(new AppError('RATE_LIMITED', undefined, { retryAfterSeconds: 20 }));
    pass(10_000);
    expect(acquireAny()).toMatchObject({ waitMs: 10_000, failure: { code: 'RATE_LIMITED' } });
    pass(10_000);
    acquire().succeed();
  });
});
