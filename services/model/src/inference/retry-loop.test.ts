import { AppError, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLoopHarness } from './retry-loop.test-support.ts';

const FAILING: ErrorCode[] = ['INFERENCE_ERROR'];

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
