import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';
import { ModelHealthMeter } from './model-health.ts';

function setUp() {
  let now = Date.parse('2026-11-25T12:00:00Z');
  const clock = () => now;
  const breaker = new CircuitBreaker({ failuresMax: 2, openMs: 10_500, openMsMax: 60_000, now: clock });
  const meter = new ModelHealthMeter(clock);
  const open = () => {
    for (let time = 0; time < 2; time++) breaker.tryEnter()?.failed();
  };
  const report = (limitedForMs = 0) => meter.report(breaker, limitedForMs);
  return { meter, open, report, pass: (ms: number) => (now += ms) };
}

const failure = new AppError('INFERENCE_ERROR', 'It failed.', { cause: new Error('the words of the provider') });

describe('the health of a model', () => {
  it('is unknown before it was called', () => {
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

  it('is what its last call has shown, and counts both', () => {
    const { meter, report } = setUp();
    meter.succeeded(100);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 1, failed: 0, last_error: null });
    meter.failed(failure);
    expect(report()).toMatchObject({ state: 'failing', succeeded: 1, failed: 1 });
    meter.succeeded(100);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 2, failed: 1 });
  });

  it('tells the last failure in our words, and when that was', () => {
    const { meter, report, pass } = setUp();
    meter.failed(failure);
    pass(1_000);
    meter.succeeded(1);
    expect(report().last_error).toEqual({ code: 'INFERENCE_ERROR', message: 'It failed.', at: '2026-11-25T12:00:00.000Z' });
  });

  it('forgets calls after five minutes', () => {
    const { meter, report, pass } = setUp();
    meter.failed(failure);
    pass(200_000);
    meter.succeeded(100);
    pass(100_001);
    expect(report()).toMatchObject({ state: 'ok', succeeded: 1, failed: 0 });
    pass(200_000);
    expect(report()).toMatchObject({ state: 'unknown', succeeded: 0, ttft_p50_ms: null });
  });

  it('has the median of the times to the first token, of calls that tell one', () => {
    const { meter, report } = setUp();
    for (const ttftMs of [900, 100, null, 300]) meter.succeeded(ttftMs);
    expect(report().ttft_p50_ms).toBe(300);
  });

  it('is unavailable while its breaker is open, with the seconds until it is called again', () => {
    const { open, report, pass } = setUp();
    open();
    expect(report()).toMatchObject({ state: 'unavailable', breaker: 'open', retry_after_s: 11 });
    pass(10_500);
    expect(report()).toMatchObject({ state: 'failing', breaker: 'half_open', retry_after_s: null });
  });

  it('is limited while its provider has named a time, whatever the last call was', () => {
    const { meter, report } = setUp();
    meter.succeeded(100);
    expect(report(2_400)).toMatchObject({ state: 'limited', retry_after_s: 3 });
    expect(report()).toMatchObject({ state: 'ok', retry_after_s: null });
  });

  it('says the longer of two waits', () => {
    const { open, report } = setUp();
    open();
    expect(report(30_000)).toMatchObject({ state: 'unavailable', retry_after_s: 30 });
  });

  it('keeps the newest calls of a busy model', () => {
    const { meter, report } = setUp();
    for (let call = 0; call < 1_000; call++) meter.failed(failure);
    for (let call = 0; call < 50; call++) meter.succeeded(1);
    expect(report().succeeded).toBe(50);
    expect(report().failed).toBeLessThanOrEqual(200);
  });
});
