import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createModelHealthMeter } from './provider-registry.ts';

function setUp() {
  let now = Date.parse('2026-11-25T12:00:00Z');
  const clock = () => now;
  const breaker = createCircuitBreaker({ failuresMax: 2, openMs: 10_500, openMsMax: 60_000, now: clock });
  const meter = createModelHealthMeter(clock);
  const open = () => {
    for (let time = 0; time < 2; time++) breaker.recordFailure('regular');
  };
  const report = (rateLimitedForMs = 0) => meter.report(breaker, rateLimitedForMs);
  return { meter, open, report, pass: (ms: number) => (now += ms) };
}

const failure = new AppError('INFERENCE_ERROR', 'It failed.', { cause: new Error('the provider’s own text') });

describe('model health', () => {
  it('reports unknown before the first call', () => {
    expect(setUp().report()).toEqual({
      state: 'unknown',
      breaker: 'closed',
      succeeded: 0,
      failed: 0,
      ttft_p50_ms: null,
      last_error: null,
      retry_after_s: null,
    });
  });

  it('reports the state of the last call and counts successes and failures', () => {
    const { meter, report } = setUp();
    meter.recordSuccess(100);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 1, failed: 0, last_error: null });
    meter.recordFailure(failure);
    expect(report()).toMatchObject({ state: 'failing', succeeded: 1, failed: 1 });
    meter.recordSuccess(100);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 2, failed: 1 });
  });

  it('reports the last failure with its public message and its time', () => {
    const { meter, report, pass } = setUp();
    meter.recordFailure(failure);
    pass(1_000);
    meter.recordSuccess(1);
    expect(report().last_error).toEqual({ code: 'INFERENCE_ERROR', message: 'It failed.', at: '2026-11-25T12:00:00.000Z' });
  });

  it('ignores calls older than five minutes', () => {
    const { meter, report, pass } = setUp();
    meter.recordFailure(failure);
    pass(200_000);
    meter.recordSuccess(100);
    pass(100_000);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 1, failed: 1 });
    pass(1);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 1, failed: 0 });
    pass(200_000);
    expect(report()).toMatchObject({ state: 'unknown', succeeded: 0, ttft_p50_ms: null });
  });

  it('reports the median time to first token of streaming calls', () => {
    const { meter, report } = setUp();
    for (const ttftMs of [900, 100, null, 300]) meter.recordSuccess(ttftMs);
    expect(report().ttft_p50_ms).toBe(300);
  });

  it('reports unavailable while the breaker is open, with the wait rounded up to seconds', () => {
    const { open, report, pass } = setUp();
    open();
    expect(report()).toMatchObject({ state: 'unavailable', breaker: 'open', retry_after_s: 11 });
    pass(9_500);
    expect(report().retry_after_s).toBe(1);
    pass(1_000);
    expect(report()).toMatchObject({ state: 'failing', breaker: 'half_open', retry_after_s: null });
  });

  it('reports limited while the provider is rate-limited, regardless of the last call', () => {
    const { meter, report } = setUp();
    meter.recordSuccess(100);
    expect(report(2_400)).toMatchObject({ state: 'limited', retry_after_s: 3 });
    expect(report()).toMatchObject({ state: 'ok', retry_after_s: null });
  });

  it('reports the longer of two waits', () => {
    const { open, report } = setUp();
    open();
    expect(report(30_000)).toMatchObject({ state: 'unavailable', retry_after_s: 30 });
  });

  it('keeps the newest calls of a busy model', () => {
    const { meter, report } = setUp();
    for (let call = 0; call < 200; call++) meter.recordFailure(failure);
    expect(report()).toMatchObject({ succeeded: 0, failed: 200 });
    meter.recordSuccess(1);
    expect(report()).toMatchObject({ succeeded: 1, failed: 99 });
  });
});
