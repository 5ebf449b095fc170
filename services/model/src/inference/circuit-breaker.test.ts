import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type Permit } from './circuit-breaker.ts';

/** A breaker of five failures, open for 1 s at first and 3 s at most, on a clock that only `pass` moves. */
function setUp() {
  let now = 5_000;
  const breaker = new CircuitBreaker({ failuresMax: 5, openMs: 1_000, openMsMax: 3_000, now: () => now });
  const enter = (): Permit => breaker.tryEnter() ?? expect.unreachable('No call may pass.');
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) enter().failed();
  };
  return { breaker, enter, fail, pass: (ms: number) => (now += ms) };
}

describe('a circuit breaker', () => {
  it('opens with the fifth failure in a row, and tells how long that lasts', () => {
    const { breaker, fail, pass } = setUp();
    fail(4);
    expect([breaker.state, breaker.waitMs]).toEqual(['closed', 0]);
    fail(1);
    expect([breaker.state, breaker.waitMs, breaker.tryEnter()]).toEqual(['open', 1_000, null]);
    pass(999);
    expect([breaker.state, breaker.waitMs, breaker.tryEnter()]).toEqual(['open', 1, null]);
  });

  it('counts from the beginning after a success between', () => {
    const { breaker, enter, fail } = setUp();
    fail(4);
    enter().succeeded();
    fail(4);
    expect(breaker.state).toBe('closed');
  });

  it('does not count calls that told nothing of the provider', () => {
    const { breaker, enter, fail } = setUp();
    fail(4);
    enter().settledOtherwise();
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });

  it('lets exactly one call through as a probe once its time is over', () => {
    const { breaker, enter, fail, pass } = setUp();
    fail(5);
    pass(1_000);
    expect([breaker.state, breaker.waitMs]).toEqual(['half_open', 0]);
    enter();
    expect([breaker.state, breaker.tryEnter()]).toEqual(['half_open', null]);
    pass(60_000);
    expect(breaker.tryEnter()).toBeNull();
    expect(breaker.waitMs).toBeGreaterThan(0);
  });

  it('closes when the probe succeeds, and is as patient as at first', () => {
    const { breaker, enter, fail, pass } = setUp();
    fail(5);
    pass(1_000);
    enter().failed();
    pass(2_000);
    enter().succeeded();
    expect([breaker.state, breaker.waitMs]).toEqual(['closed', 0]);
    fail(4);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.waitMs).toBe(1_000);
  });

  it('stays open twice as long after each probe that fails, up to its bound', () => {
    const { breaker, enter, fail, pass } = setUp();
    fail(5);
    const waits = [breaker.waitMs];
    for (let probe = 0; probe < 3; probe++) {
      pass(breaker.waitMs);
      enter().failed();
      waits.push(breaker.waitMs);
    }
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it('takes the place of a probe back when its caller leaves', () => {
    const { breaker, enter, fail, pass } = setUp();
    fail(5);
    pass(1_000);
    enter().settledOtherwise();
    expect([breaker.state, breaker.waitMs]).toEqual(['half_open', 0]);
    enter().succeeded();
    expect(breaker.state).toBe('closed');
  });

  it('is not held open longer by calls that had begun before it opened', () => {
    const { breaker, enter, fail, pass } = setUp();
    const late = enter();
    fail(5);
    pass(400);
    late.failed();
    expect(breaker.waitMs).toBe(600);
  });

  it('hears each call once', () => {
    const { breaker, enter, fail } = setUp();
    fail(3);
    const permit = enter();
    permit.failed();
    permit.failed();
    permit.succeeded();
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });
});
