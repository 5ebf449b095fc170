import { AppError, type ErrorCode } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { LIMITED, REFUSED_KEY, setUpLoop, WITHOUT_MONEY } from './retry-loop.test-support.ts';

const FAILING: ErrorCode[] = ['INFERENCE_ERROR'];
const NO_BREAKER = { breaker: { failuresMax: 1_000, openMs: 1_000, openMsMax: 1_000 } };

describe('a request', () => {
  it('that is answered at once takes one call and no wait', async () => {
    const { answer, calls, slept } = setUpLoop({ large: ['ok'] });
    const { result, target, attempts } = await answer();
    expect([result, target.id, calls, slept]).toEqual(['the answer of large', 'large', ['large'], []]);
    expect(attempts).toEqual([{ provider: 'acme', model: 'large', error: null, latencyMs: expect.any(Number) }]);
  });

  it('is answered by the model itself when it fails twice and then does not', async () => {
    const { answer, calls } = setUpLoop({ large: ['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'ok'] });
    expect((await answer()).attempts.map(({ error }) => error)).toEqual(['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', null]);
    expect(calls).toEqual(['large', 'large', 'large']);
  });

  it('asks a model twice before its fallback, and the last one for as long as calls are left', async () => {
    const { failure, calls } = setUpLoop({ large: FAILING, small: FAILING });
    expect(await failure()).toMatchObject({ code: 'INFERENCE_ERROR', attempts: 4 });
    expect(calls).toEqual(['large', 'large', 'small', 'small']);
  });

  it.each([1, 2, 3, 5])('never takes more than four calls, over %i models', async (count) => {
    const ids = Array.from({ length: count }, (_, index) => `model-${index}`);
    const { failure, calls } = setUpLoop(Object.fromEntries(ids.map((id) => [id, FAILING])));
    expect((await failure()).attempts).toBe(4);
    expect(calls).toHaveLength(4);
  });

  it.each(['BAD_REQUEST', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE', 'VALIDATION_ERROR'] as const)(
    'that is wrong itself is not asked twice, nor of another model: %s',
    async (code) => {
      const { failure, calls, slept } = setUpLoop({ large: [code], small: ['ok'] });
      expect(await failure()).toMatchObject({ code, attempts: 1 });
      expect([calls, slept]).toEqual([['large'], []]);
    },
  );

  it('whose key is refused takes one call', async () => {
    const { failure, calls } = setUpLoop({ large: [REFUSED_KEY()], small: ['ok'] });
    expect(await failure()).toMatchObject({ code: 'INFERENCE_ERROR', retryable: false, attempts: 1 });
    expect(calls).toEqual(['large']);
  });

  it('that nobody can pay for takes one call without a fallback', async () => {
    const { failure, calls, slept } = setUpLoop({ large: [WITHOUT_MONEY()] });
    expect(await failure()).toMatchObject({ code: 'RATE_LIMITED', retryable: false, attempts: 1 });
    expect([calls, slept]).toEqual([['large'], []]);
  });

  it('that nobody can pay for moves to the fallback at once', async () => {
    const { answer, calls, slept } = setUpLoop({ large: [WITHOUT_MONEY()], small: ['ok'] });
    expect((await answer()).target.id).toBe('small');
    expect([calls, slept]).toEqual([['large', 'small'], []]);
  });

  it('is not asked again of a model that was too slow', async () => {
    const { failure, calls } = setUpLoop({ large: ['DEADLINE_EXCEEDED'] });
    expect(await failure()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toEqual(['large']);
  });

  it('moves to the fallback when its model was too slow', async () => {
    const { answer, calls } = setUpLoop({ large: ['DEADLINE_EXCEEDED'], small: ['ok'] });
    expect((await answer()).target.id).toBe('small');
    expect(calls).toEqual(['large', 'small']);
  });

  it('takes one call where its caller says 1, and no fallback', async () => {
    const { failure, calls } = setUpLoop({ large: FAILING, small: ['ok'] });
    expect((await failure(undefined, { attemptsMax: 1 })).attempts).toBe(1);
    expect(calls).toEqual(['large']);
  });

  it('does not get more calls than there may be by asking for them', async () => {
    const { failure, calls } = setUpLoop({ large: FAILING });
    await failure(undefined, { attemptsMax: 50 });
    expect(calls).toHaveLength(4);
  });

  it('of no model at all is refused', async () => {
    expect(await setUpLoop({}).failure([])).toMatchObject({ code: 'UNKNOWN_MODEL' });
  });

  it('is given what the answering headers told of the limits', async () => {
    const { answer, options } = setUpLoop({ large: ['ok'] });
    const headers = { requests: { limit: 10, remaining: 9, resetMs: 100 }, tokens: null };
    options.large = { headers };
    expect((await answer()).rateLimits).toEqual(headers);
  });

  it('that failed in an unforeseen way is not repeated', async () => {
    const { failure, calls } = setUpLoop({ large: [() => Promise.reject(new TypeError('a mistake of ours'))] });
    expect(await failure()).toMatchObject({ code: 'INTERNAL_ERROR', attempts: 1 });
    expect(calls).toHaveLength(1);
  });
});

describe('the wait between calls', () => {
  it('is anything up to a bound that doubles, and no longer than the longest', async () => {
    const policy = { firstDelayMs: 100, longestDelayMs: 250 };
    for (const [random, waits] of [
      [0, [0, 0, 0]],
      [0.5, [50, 100, 125]],
      [1, [100, 200, 250]],
    ] as const) {
      const { failure, slept } = setUpLoop({ large: FAILING }, { policy, random: () => random });
      await failure();
      expect(slept).toEqual(waits);
    }
  });

  it('does not come before a fallback', async () => {
    const { answer, slept } = setUpLoop({ large: FAILING, small: ['ok'] }, { policy: { firstDelayMs: 100 } });
    await answer();
    expect(slept).toEqual([100]);
  });

  it('does not come after the last call', async () => {
    const { failure, slept } = setUpLoop({ large: FAILING });
    await failure();
    expect(slept).toHaveLength(3);
  });

  it('is not begun when it would end after the deadline', async () => {
    const { failure, calls, slept } = setUpLoop(
      { large: FAILING },
      { policy: { firstDelayMs: 600_000, longestDelayMs: 600_000 } },
    );
    expect(await failure(undefined, { deadline: performance.now() + 300_000 })).toMatchObject({
      code: 'INFERENCE_ERROR',
      attempts: 1,
    });
    expect([calls, slept]).toEqual([['large'], []]);
  });

  it('ends at once when the caller leaves, with the number of calls made so far', async () => {
    const { failure, calls, caller, onSleep } = setUpLoop({ large: FAILING, small: ['ok'] });
    onSleep(() => caller.abort(new AppError('CANCELLED')));
    expect(await failure()).toMatchObject({ code: 'CANCELLED', attempts: 1 });
    expect(calls).toEqual(['large']);
  });

  it('ends with the deadline', async () => {
    const { failure, calls, caller, onSleep } = setUpLoop({ large: FAILING });
    onSleep(() => caller.abort(new AppError('DEADLINE_EXCEEDED')));
    expect(await failure()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toHaveLength(1);
  });
});

describe('a caller who leaves', () => {
  it('before the first call causes none', async () => {
    const { failure, calls, caller } = setUpLoop({ large: ['ok'] });
    caller.abort(new AppError('CANCELLED'));
    expect(await failure()).toMatchObject({ code: 'CANCELLED', attempts: 0 });
    expect(calls).toEqual([]);
  });

  it('during a call causes no further one, of no model', async () => {
    const loop = setUpLoop({ large: [leave], small: ['ok'] });
    function leave() {
      loop.caller.abort(new AppError('CANCELLED'));
      throw new AppError('INFERENCE_ERROR');
    }
    expect((await loop.failure()).attempts).toBe(1);
    expect(loop.calls).toEqual(['large']);
  });

  it('is not written down as a failure of the provider', async () => {
    const { failure, lines, board, targetOf } = setUpLoop({ large: ['CANCELLED'] });
    await failure();
    expect(lines).toEqual([]);
    expect(board.healthOf(targetOf('large').entry, 'large')).toMatchObject({ state: 'unknown', failed: 0 });
  });
});

describe('a provider that names its time', () => {
  it('gets it when that is within our patience', async () => {
    const { answer, calls, slept } = setUpLoop(
      { large: [LIMITED(1.5), 'ok'] },
      { policy: { patienceMs: 2_000, firstDelayMs: 100 } },
    );
    await answer();
    // Those who were told the same do not come back together.
    expect([calls, slept]).toEqual([['large', 'large'], [1_600]]);
  });

  it('gets it for as long as patience lasts over all waits', async () => {
    const { failure, calls, slept } = setUpLoop({ large: [LIMITED(1.5)] }, { policy: { patienceMs: 2_000 }, random: () => 0 });
    expect(await failure()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 1.5, attempts: 2 });
    expect([calls, slept]).toEqual([['large', 'large'], [1_500]]);
  });

  it('is not waited for beyond our patience: the caller hears how long it takes', async () => {
    const { failure, calls, slept } = setUpLoop({ large: [LIMITED(7)] });
    expect(await failure()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 7, attempts: 1 });
    expect([calls, slept]).toEqual([['large'], []]);
  });

  it('is not called until then, and later callers hear what is left of it', async () => {
    const { failure, answer, calls, pass } = setUpLoop({ large: [LIMITED(7), 'ok'] });
    await failure();
    pass(4_000);
    expect(await failure()).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 3, attempts: 0 });
    expect(calls).toHaveLength(1);
    pass(3_000);
    await answer();
    expect(calls).toHaveLength(2);
  });

  it('gives way to the fallback without a wait', async () => {
    const { answer, calls, slept } = setUpLoop({ large: [LIMITED(1)], small: ['ok'] });
    expect((await answer()).target.id).toBe('small');
    expect([calls, slept]).toEqual([['large', 'small'], []]);
  });

  it('is not waited for beyond the deadline', async () => {
    const { failure, slept } = setUpLoop({ large: [LIMITED(1_000)] }, { policy: { patienceMs: 5_000_000 } });
    expect((await failure(undefined, { deadline: performance.now() + 500_000 })).code).toBe('RATE_LIMITED');
    expect(slept).toEqual([]);
  });

  it('has another key asked in its place within the same request', async () => {
    const { answer, keysUsed, options, slept } = setUpLoop({ large: [LIMITED(7), 'ok'] });
    options.large = { keys: 2 };
    await answer();
    expect(new Set(keysUsed).size).toBe(2);
    expect(slept).toEqual([]);
  });
});

describe('the retry budget', () => {
  it('stops repeated calls once it is used up, and the first calls of later requests still go out', async () => {
    const { failure, calls, slept } = setUpLoop({ large: FAILING }, { policy: { ...NO_BREAKER, budget: { ratio: 0, max: 4 } } });
    expect([(await failure()).attempts, (await failure()).attempts, (await failure()).attempts]).toEqual([4, 2, 1]);
    expect(calls).toHaveLength(7);
    expect(slept.length).toBeGreaterThan(0);
  });

  it('counts calls of a fallback too', async () => {
    const policy = { ...NO_BREAKER, budget: { ratio: 0, max: 1 } };
    const { failure, calls } = setUpLoop({ large: ['DEADLINE_EXCEEDED'], small: ['DEADLINE_EXCEEDED'] }, { policy });
    await failure();
    expect(await failure()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
    expect(calls).toEqual(['large', 'small', 'large']);
  });
});

describe('a model whose breaker is open', () => {
  const OPENED = { breaker: { failuresMax: 4, openMs: 10_000, openMsMax: 60_000 } };

  it('is refused without a call, with the time until its probe', async () => {
    const { failure, calls, pass, metrics } = setUpLoop({ large: FAILING }, { policy: OPENED });
    await failure();
    pass(2_000);
    expect(await failure()).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 8, attempts: 0 });
    expect(calls).toHaveLength(4);
    expect(await metrics.registry.metrics()).toContain('provider_breaker_state{provider="acme",model="large"} 2');
  });

  it('is passed over to its fallback', async () => {
    const { failure, answer, calls } = setUpLoop({ large: FAILING, small: ['ok'] }, { policy: OPENED });
    await failure(['large']);
    const { target, attempts } = await answer();
    expect([target.id, attempts.length]).toEqual(['small', 1]);
    expect(calls.slice(4)).toEqual(['small']);
  });

  it('does not hide what its fallback failed with', async () => {
    const { failure } = setUpLoop({ large: FAILING, small: ['DEADLINE_EXCEEDED'] }, { policy: OPENED });
    await failure(['large']);
    expect(await failure()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('is no reason to hide what the model that was asked failed with', async () => {
    const { failure } = setUpLoop({ large: ['DEADLINE_EXCEEDED'], small: FAILING }, { policy: OPENED });
    await failure(['small']);
    expect(await failure()).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: 1 });
  });

  it('is asked once when its time is over, and by everybody when that went well', async () => {
    const models: Parameters<typeof setUpLoop>[0] = { large: FAILING };
    const { failure, ask, pass, calls } = setUpLoop(models, { policy: OPENED });
    await failure();
    pass(10_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    models.large = [() => promise];
    const probe = ask();
    expect(await failure()).toMatchObject({ code: 'SERVICE_UNAVAILABLE', attempts: 0 });
    expect(calls).toHaveLength(5);
    resolve('well again');
    const answered = await probe;
    expect(answered.result).toBe('well again');
    // Others need not wait for its end.
    answered.begun(5);
    await ask();
    expect(calls).toHaveLength(6);
  });

  it.each(['CANCELLED', 'BAD_REQUEST'] as const)('can be probed again when the probe ended with %s', async (code) => {
    const models: Parameters<typeof setUpLoop>[0] = { large: FAILING };
    const { failure, answer, pass, calls } = setUpLoop(models, { policy: OPENED });
    await failure();
    pass(10_000);
    models.large = [code, 'ok'];
    await failure();
    await answer();
    expect(calls).toHaveLength(6);
  });

  it('was opened by its own failures, not by refused keys, limits, wrong requests or callers who left', async () => {
    for (const reply of [REFUSED_KEY(), LIMITED(0), WITHOUT_MONEY(), 'BAD_REQUEST', 'CANCELLED'] as const) {
      const { failure, board, targetOf } = setUpLoop({ large: [reply] });
      for (let request = 0; request < 6; request++) await failure();
      expect(board.healthOf(targetOf('large').entry, 'large').breaker).toBe('closed');
    }
  });

  it('was opened by answers that broke off too', async () => {
    const { ask, failure } = setUpLoop({ large: ['ok'] });
    for (let request = 0; request < 5; request++) (await ask()).settle(new AppError('INFERENCE_ERROR'));
    expect(await failure()).toMatchObject({ code: 'SERVICE_UNAVAILABLE', attempts: 0 });
  });
});

describe('every attempt', () => {
  it('is recorded with who was asked, what came of it and how long it took', async () => {
    const { answer, metrics } = setUpLoop({ large: ['INFERENCE_ERROR', 'DEADLINE_EXCEEDED'], small: ['ok'] });
    const latencyMs = expect.any(Number);
    expect((await answer()).attempts).toEqual([
      { provider: 'acme', model: 'large', error: 'INFERENCE_ERROR', latencyMs },
      { provider: 'acme', model: 'large', error: 'DEADLINE_EXCEEDED', latencyMs },
      { provider: 'acme', model: 'small', error: null, latencyMs },
    ]);
    const told = await metrics.registry.metrics();
    for (const labels of ['"large",outcome="INFERENCE_ERROR"', '"large",outcome="DEADLINE_EXCEEDED"', '"small",outcome="OK"'])
      expect(told).toContain(`provider_attempts_total{provider="acme",model=${labels}} 1`);
  });

  it('that failed is a line of log with its request and its number', async () => {
    const { answer, lines } = setUpLoop({ large: ['INFERENCE_ERROR', 'SERVICE_UNAVAILABLE', 'ok'] });
    await answer();
    const common = { request_id: 'request-1', provider: 'acme', model: 'large', latency_ms: expect.any(Number) };
    expect(lines).toMatchObject([
      { ...common, attempt: 1, code: 'INFERENCE_ERROR', msg: expect.stringMatching(/^acme did not answer: /) },
      { ...common, attempt: 2, code: 'SERVICE_UNAVAILABLE' },
    ]);
  });
});
