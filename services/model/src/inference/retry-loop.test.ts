import { AppError, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLoopHarness, rateLimited } from './retry-loop.test-support.ts';
import { createRetryBudget, type RetryBudget } from './retry-loop.ts';

const FAILING: ErrorCode[] = ['INFERENCE_ERROR'];
const NO_BREAKER = { breaker: { failuresMax: 1_000, openMs: 1_000, openMsMax: 1_000 } };

describe('retry loop', () => {
  it('calls a healthy model once and does not wait', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness({ large: ['ok'] });
    const { result, permit, attempts } = await succeed();
    expect([result, permit.target.id, calls, sleptMs]).toEqual(['the response of large', 'large', ['large'], []]);
    expect(attempts).toEqual([{ provider: 'acme', model: 'large', error: null, latencyMs: expect.any(Number) }]);
  });

  it('retries the same model after two failures', async () => {
    const { succeed, calls } = createLoopHarness({ large: ['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'ok'] });
    expect((await succeed()).attempts.map(({ error }) => error)).toEqual(['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', null]);
    expect(calls).toEqual(['large', 'large', 'large']);
  });

  it('retries a provider that it could not reach', async () => {
    const { succeed, calls } = createLoopHarness({ large: ['PROVIDER_UNREACHABLE', 'ok'] });
    await succeed();
    expect(calls).toEqual(['large', 'large']);
  });

  it('calls a model twice before its fallback, and the last model while attempts remain', async () => {
    const { fail, calls } = createLoopHarness({ large: FAILING, small: FAILING });
    expect(await fail()).toMatchObject({ code: 'INFERENCE_ERROR', attempts: 4 });
    expect(calls).toEqual(['large', 'large', 'small', 'small']);
  });

  it.each([1, 2, 3, 5])('makes four calls at most over %i models', async (count) => {
    const ids = Array.from({ length: count }, (_, index) => `model-${index}`);
    const { fail, calls } = createLoopHarness(Object.fromEntries(ids.map((id) => [id, FAILING])));
    expect((await fail()).attempts).toBe(4);
    expect(calls).toHaveLength(4);
  });

  it.each([
    'BAD_REQUEST',
    'NOT_FOUND',
    'PAYLOAD_TOO_LARGE',
    'VALIDATION_ERROR',
    'CONTEXT_LENGTH_EXCEEDED',
    'CONTENT_FILTERED',
    'PROVIDER_KEY_REFUSED',
  ] as const)('makes one call and tries no fallback after %s', async (code) => {
    const { fail, calls, sleptMs } = createLoopHarness({ large: [code], small: ['ok'] });
    expect(await fail()).toMatchObject({ code, retryable: false, attempts: 1 });
    expect([calls, sleptMs]).toEqual([['large'], []]);
  });

  it('makes one call after QUOTA_EXHAUSTED without a fallback', async () => {
    const { fail, calls, sleptMs } = createLoopHarness({ large: ['QUOTA_EXHAUSTED'] });
    expect(await fail()).toMatchObject({ code: 'QUOTA_EXHAUSTED', retryable: false, attempts: 1 });
    expect([calls, sleptMs]).toEqual([['large'], []]);
  });

  it('falls back immediately after QUOTA_EXHAUSTED', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness({ large: ['QUOTA_EXHAUSTED'], small: ['ok'] });
    expect((await succeed()).permit.target.id).toBe('small');
    expect([calls, sleptMs]).toEqual([['large', 'small'], []]);
  });

  it('does not retry a model that exceeded its deadline', async () => {
    const { fail, calls } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'] });
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toEqual(['large']);
  });

  it('falls back when a model exceeds its deadline', async () => {
    const { succeed, calls } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'], small: ['ok'] });
    expect((await succeed()).permit.target.id).toBe('small');
    expect(calls).toEqual(['large', 'small']);
  });

  it('makes one call and tries no fallback when the caller allows one attempt', async () => {
    const { fail, calls } = createLoopHarness({ large: FAILING, small: ['ok'] });
    expect((await fail(undefined, { attemptsMax: 1 })).attempts).toBe(1);
    expect(calls).toEqual(['large']);
  });

  it('does not exceed its maximum when the caller allows more attempts', async () => {
    const { fail, calls } = createLoopHarness({ large: FAILING });
    await fail(undefined, { attemptsMax: 50 });
    expect(calls).toHaveLength(4);
  });

  it('rejects a request without any model', async () => {
    expect(await createLoopHarness({}).fail([])).toMatchObject({ code: 'UNKNOWN_MODEL' });
  });

  it('returns the rate limits that the response headers report', async () => {
    const { succeed, options } = createLoopHarness({ large: ['ok'] });
    const headers = { requests: { limit: 10, remaining: 9, resetMs: 100 }, tokens: null };
    options.large = { headers };
    expect((await succeed()).permit.rateLimits).toEqual(headers);
  });

  it('does not retry an unexpected exception', async () => {
    const { fail, calls } = createLoopHarness({ large: [() => Promise.reject(new TypeError('a bug'))] });
    expect(await fail()).toMatchObject({ code: 'INTERNAL_ERROR', attempts: 1 });
    expect(calls).toHaveLength(1);
  });

  it.each(['PROVIDER_UNREACHABLE', 'SERVICE_UNAVAILABLE'] as const)('adds a Retry-After of two seconds to %s', async (code) => {
    expect(await createLoopHarness({ large: [code] }).fail()).toMatchObject({ code, retryAfterSeconds: 2 });
  });

  it('keeps the Retry-After of the failure and adds none to others', async () => {
    const unreachable = new AppError('PROVIDER_UNREACHABLE', undefined, { retryAfterSeconds: 0 });
    expect((await createLoopHarness({ large: [unreachable] }).fail()).retryAfterSeconds).toBe(0);
    expect((await createLoopHarness({ large: FAILING }).fail()).retryAfterSeconds).toBeUndefined();
  });

  it('throws the last failure with its message, cause and retryability', async () => {
    const cause = new Error('the provider’s own text');
    const failure = new AppError('INFERENCE_ERROR', 'It failed.', { cause, retryable: false });
    expect(await createLoopHarness({ large: [failure] }).fail()).toMatchObject({
      message: 'It failed.',
      cause,
      retryable: false,
    });
  });
});

describe('retry delay', () => {
  it('waits a random time up to a bound that doubles until the maximum', async () => {
    const policy = { firstDelayMs: 100, longestDelayMs: 250 };
    for (const [random, delays] of [
      [0, [0, 0, 0]],
      [0.5, [50, 100, 125]],
      [1, [100, 200, 250]],
    ] as const) {
      const { fail, sleptMs } = createLoopHarness({ large: FAILING }, { policy, random: () => random });
      await fail();
      expect(sleptMs).toEqual(delays);
    }
  });

  it('does not wait before the first call of a fallback', async () => {
    const { succeed, sleptMs } = createLoopHarness({ large: FAILING, small: ['ok'] }, { policy: { firstDelayMs: 100 } });
    await succeed();
    expect(sleptMs).toEqual([100]);
  });

  it('does not wait after the last call', async () => {
    const { fail, sleptMs } = createLoopHarness({ large: FAILING });
    await fail();
    expect(sleptMs).toHaveLength(3);
  });

  it('fails without a wait that would end after the deadline', async () => {
    const policy = { firstDelayMs: 600_000, longestDelayMs: 600_000 };
    const { fail, calls, sleptMs } = createLoopHarness({ large: FAILING }, { policy });
    const deadline = performance.now() + 300_000;
    expect(await fail(undefined, { deadline })).toMatchObject({ code: 'INFERENCE_ERROR', attempts: 1 });
    expect([calls, sleptMs]).toEqual([['large'], []]);
  });

  it('stops waiting when the client disconnects, and reports the number of calls', async () => {
    const { fail, calls, caller, onSleep } = createLoopHarness({ large: FAILING, small: ['ok'] });
    onSleep(() => caller.abort(new AppError('CANCELLED')));
    expect(await fail()).toMatchObject({ code: 'CANCELLED', attempts: 1 });
    expect(calls).toEqual(['large']);
  });

  it('stops waiting at the deadline', async () => {
    const { fail, calls, caller, onSleep } = createLoopHarness({ large: FAILING });
    onSleep(() => caller.abort(new AppError('DEADLINE_EXCEEDED')));
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toHaveLength(1);
  });
});

describe('a client that disconnects', () => {
  it('makes no call when the client disconnects before the first one', async () => {
    const { fail, calls, caller } = createLoopHarness({ large: ['ok'] });
    caller.abort(new AppError('CANCELLED'));
    expect(await fail()).toMatchObject({ code: 'CANCELLED', attempts: 0 });
    expect(calls).toEqual([]);
  });

  it('makes no further call of any model when the client disconnects during one', async () => {
    const harness = createLoopHarness({ large: [disconnect], small: ['ok'] });
    function disconnect() {
      harness.caller.abort(new AppError('CANCELLED'));
      throw new AppError('INFERENCE_ERROR');
    }
    expect((await harness.fail()).attempts).toBe(1);
    expect(harness.calls).toEqual(['large']);
  });

  it('records no provider failure in logs and health when the client disconnects', async () => {
    const { fail, logLines, healthOf } = createLoopHarness({ large: ['CANCELLED'] });
    await fail();
    expect(logLines).toEqual([]);
    expect(healthOf('large')).toMatchObject({ state: 'unknown', failed: 0 });
  });
});

describe('Retry-After', () => {
  it('retries after Retry-After when it is within the patience', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness(
      { large: [rateLimited(1.5), 'ok'] },
      { policy: { patienceMs: 2_000, firstDelayMs: 100 } },
    );
    await succeed();
    // Jitter spreads the clients that received the same Retry-After.
    expect([calls, sleptMs]).toEqual([['large', 'large'], [1_600]]);
  });

  it('counts all waits of a request against its patience', async () => {
    const { fail, calls, sleptMs } = createLoopHarness(
      { large: [rateLimited(1.5)] },
      { policy: { patienceMs: 2_000 }, random: () => 0 },
    );
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1.5, attempts: 2 });
    expect([calls, sleptMs]).toEqual([['large', 'large'], [1_500]]);
  });

  it('waits when Retry-After equals the patience', async () => {
    const { succeed, sleptMs } = createLoopHarness(
      { large: [rateLimited(2), 'ok'] },
      { policy: { patienceMs: 2_000 }, random: () => 0 },
    );
    await succeed();
    expect(sleptMs).toEqual([2_000]);
  });

  it('fails with the Retry-After when it exceeds the patience', async () => {
    const { fail, calls, sleptMs } = createLoopHarness({ large: [rateLimited(7)] });
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 7, attempts: 1 });
    expect([calls, sleptMs]).toEqual([['large'], []]);
  });

  it('makes no call before Retry-After, and returns the remaining time to later requests', async () => {
    const { fail, succeed, calls, pass } = createLoopHarness({ large: [rateLimited(7), 'ok'] });
    await fail();
    pass(4_000);
    expect(await fail()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 3, attempts: 0 });
    expect(calls).toHaveLength(1);
    pass(3_000);
    await succeed();
    expect(calls).toHaveLength(2);
  });

  it('falls back without waiting for Retry-After', async () => {
    const { succeed, calls, sleptMs } = createLoopHarness({ large: [rateLimited(1)], small: ['ok'] });
    expect((await succeed()).permit.target.id).toBe('small');
    expect([calls, sleptMs]).toEqual([['large', 'small'], []]);
  });

  it('does not wait for Retry-After beyond the deadline', async () => {
    const { fail, sleptMs } = createLoopHarness({ large: [rateLimited(1_000)] }, { policy: { patienceMs: 5_000_000 } });
    expect((await fail(undefined, { deadline: performance.now() + 500_000 })).code).toBe('RATE_LIMITED');
    expect(sleptMs).toEqual([]);
  });

  it('retries with another key in the same request', async () => {
    const { succeed, keysUsed, options, sleptMs } = createLoopHarness({ large: [rateLimited(7), 'ok'] });
    options.large = { keys: 2 };
    await succeed();
    expect(new Set(keysUsed).size).toBe(2);
    expect(sleptMs).toEqual([]);
  });
});

describe('retry budget of a provider', () => {
  it('stops retries but not first calls when the budget is exhausted', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 0, max: 4 } };
    const { fail, calls, sleptMs } = createLoopHarness({ large: FAILING }, { policy });
    expect([(await fail()).attempts, (await fail()).attempts, (await fail()).attempts]).toEqual([4, 2, 1]);
    expect(calls).toHaveLength(7);
    expect(sleptMs.length).toBeGreaterThan(0);
  });

  it('counts calls of a fallback as retries', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 0, max: 1 } };
    const { fail, calls } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'], small: ['DEADLINE_EXCEEDED'] }, { policy });
    await fail();
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toEqual(['large', 'small', 'large']);
  });

  it('adds to the budget with each request', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 1, max: 1 } };
    const { fail } = createLoopHarness({ large: FAILING }, { policy });
    expect([(await fail()).attempts, (await fail()).attempts]).toEqual([2, 2]);
  });
});

describe('retry budget', () => {
  function retriesOf(budget: RetryBudget): number {
    let retries = 0;
    while (budget.withdraw()) retries += 1;
    return retries;
  }

  it('starts with a full budget', () => {
    expect(retriesOf(createRetryBudget({ ratio: 0.5, max: 3 }))).toBe(3);
  });

  it('allows retries in proportion to requests when the budget is exhausted', () => {
    const budget = createRetryBudget({ ratio: 0.25, max: 2 });
    retriesOf(budget);
    for (let request = 0; request < 3; request++) budget.deposit();
    expect(retriesOf(budget)).toBe(0);
    budget.deposit();
    expect(retriesOf(budget)).toBe(1);
  });

  it('limits the budget to its maximum', () => {
    const budget = createRetryBudget({ ratio: 0.5, max: 2 });
    for (let request = 0; request < 100; request++) budget.deposit();
    expect(retriesOf(budget)).toBe(2);
  });
});

describe('open circuit breaker', () => {
  const OPENED = { breaker: { failuresMax: 1, openMs: 10_000, openMsMax: 60_000 } };

  it('rejects a request without a call, with the time until the probe', async () => {
    const { fail, calls, pass, metrics } = createLoopHarness({ large: FAILING }, { policy: OPENED, random: () => 0 });
    await fail();
    pass(2_000);
    expect(await fail()).toMatchObject({ code: 'CIRCUIT_OPEN', retryAfterSeconds: 8, attempts: 0 });
    expect(calls).toHaveLength(1);
    expect(await metrics.registry.metrics()).toContain('provider_breaker_state{provider="acme",model="large"} 2');
  });

  it('skips a model with an open circuit breaker for its fallback', async () => {
    const { fail, succeed, calls } = createLoopHarness({ large: FAILING, small: ['ok'] }, { policy: OPENED, random: () => 0 });
    await fail(['large']);
    const { permit, attempts } = await succeed();
    expect([permit.target.id, attempts.length]).toEqual(['small', 1]);
    expect(calls.slice(1)).toEqual(['small']);
  });

  it('reports the failure of the fallback instead of CIRCUIT_OPEN', async () => {
    const { fail } = createLoopHarness({ large: FAILING, small: ['DEADLINE_EXCEEDED'] }, { policy: OPENED, random: () => 0 });
    await fail(['large']);
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('reports the failure of the requested model when the circuit breaker of its fallback is open', async () => {
    const { fail } = createLoopHarness({ large: ['DEADLINE_EXCEEDED'], small: FAILING }, { policy: OPENED, random: () => 0 });
    await fail(['small']);
    expect(await fail()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('admits one probe after the open time, and every call after the first token of the probe', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, start, pass, calls } = createLoopHarness(models, { policy: OPENED, random: () => 0 });
    await fail();
    pass(10_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    models.large = [() => promise];
    const probe = start();
    expect(await fail()).toMatchObject({ code: 'CIRCUIT_OPEN', attempts: 0 });
    expect(calls).toHaveLength(2);
    resolve('healthy again');
    const { result, permit } = await probe;
    expect(result).toBe('healthy again');
    permit.onFirstToken(5);
    await start();
    expect(calls).toHaveLength(3);
  });

  it.each(['CANCELLED', 'BAD_REQUEST'] as const)('admits another probe when one ends with %s', async (code) => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed, pass, calls } = createLoopHarness(models, { policy: OPENED, random: () => 0 });
    await fail();
    pass(10_000);
    models.large = [code, 'ok'];
    await fail();
    await succeed();
    expect(calls).toHaveLength(3);
  });

  it('counts failed requests and not their retries', async () => {
    const { fail, calls, healthOf } = createLoopHarness({ large: FAILING });
    for (let request = 1; request <= 4; request++) {
      await fail(undefined, {}, `request ${request}`);
      expect(healthOf('large').breaker).toBe('closed');
    }
    expect(calls).toHaveLength(16);
    expect(await fail(undefined, {}, 'request 5')).toMatchObject({ code: 'INFERENCE_ERROR', attempts: 1, isCircuitOpen: true });
    expect(await fail(undefined, {}, 'request 6')).toMatchObject({ code: 'CIRCUIT_OPEN', attempts: 0, isCircuitOpen: true });
  });

  it('keeps a model open to other requests when one request always fails', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed } = createLoopHarness(models);
    for (let request = 0; request < 20; request++) await fail(undefined, {}, 'a bad prompt');
    expect(await fail(undefined, {}, 'a bad prompt')).toMatchObject({ code: 'CIRCUIT_OPEN' });
    models.large = ['ok'];
    await succeed(undefined, {}, 'a good prompt');
  });

  it('keeps a model open to other callers when all requests of one caller fail', async () => {
    const models: Parameters<typeof createLoopHarness>[0] = { large: FAILING };
    const { fail, succeed } = createLoopHarness(models);
    const ada = { principal: { id: 'ada' } };
    for (let request = 0; request < 20; request++) await fail(undefined, ada, `prompt ${request}`);
    expect(await fail(undefined, ada, 'another prompt')).toMatchObject({ code: 'CIRCUIT_OPEN' });
    models.large = ['ok'];
    await succeed(undefined, { principal: { id: 'bob' } }, 'another prompt');
    await succeed(undefined, ada, 'another prompt');
  });

  it('closes a model to everybody when its provider cannot be reached', async () => {
    const { fail } = createLoopHarness({ large: ['PROVIDER_UNREACHABLE'] });
    for (let request = 0; request < 5; request++) await fail(undefined, { principal: { id: 'ada' } }, 'one prompt');
    expect(await fail(undefined, { principal: { id: 'bob' } }, 'another')).toMatchObject({ code: 'CIRCUIT_OPEN' });
  });
});

describe('attempts', () => {
  it('records each attempt with its model, result and latency', async () => {
    const { succeed, metrics } = createLoopHarness({ large: ['INFERENCE_ERROR', 'DEADLINE_EXCEEDED'], small: ['ok'] });
    const latencyMs = expect.any(Number);
    const { attempts } = await succeed();
    expect(attempts).toEqual([
      { provider: 'acme', model: 'large', error: 'INFERENCE_ERROR', latencyMs },
      { provider: 'acme', model: 'large', error: 'DEADLINE_EXCEEDED', latencyMs },
      { provider: 'acme', model: 'small', error: null, latencyMs },
    ]);
    const exported = await metrics.registry.metrics();
    for (const labels of ['"large",outcome="INFERENCE_ERROR"', '"large",outcome="DEADLINE_EXCEEDED"', '"small",outcome="OK"'])
      expect(exported).toContain(`provider_attempts_total{provider="acme",model=${labels}} 1`);
  });

  it('rounds the latency of an attempt to hundredths of a millisecond', async () => {
    let now = 1_000;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => clock.mockRestore());
    const respond = () => {
      now += 12.3456;
      return 'a response';
    };
    const { succeed } = createLoopHarness({ large: [respond] });
    expect((await succeed()).attempts).toMatchObject([{ latencyMs: 12.35 }]);
  });

  it('logs each failed attempt with its request id and number', async () => {
    const { succeed, logLines } = createLoopHarness({ large: ['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'ok'] });
    await succeed();
    const common = { request_id: 'request-1', provider: 'acme', model: 'large', latency_ms: expect.any(Number) };
    expect(logLines).toMatchObject([
      { ...common, attempt: 1, code: 'INFERENCE_ERROR', msg: expect.stringMatching(/^Call to acme failed: /) },
      { ...common, attempt: 2, code: 'SERVICE_UNAVAILABLE' },
    ]);
  });
});
