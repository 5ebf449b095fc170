import { describe, expect, it } from 'vitest';
import { type Admission, createCircuitBreaker, createCircuitBreakers } from './circuit-breaker.ts';

const OPTIONS = { failuresMax: 5, openMs: 1_000, openMsMax: 3_000 };

/** Creates a breaker whose clock only `pass` advances. */
function setUp() {
  let now = 5_000;
  const breaker = createCircuitBreaker({ ...OPTIONS, now: () => now });
  const admit = (): Admission => breaker.admit() ?? expect.unreachable('The breaker rejects calls.');
  const fail = (times: number) => {
    for (let time = 0; time < times; time++) breaker.recordFailure(admit());
  };
  return { breaker, admit, fail, pass: (ms: number) => (now += ms) };
}

describe('circuit breaker', () => {
  it('opens at the fifth consecutive failure and reports how long it stays open', () => {
    const { breaker, fail, pass } = setUp();
    fail(4);
    expect([breaker.state, breaker.waitMs]).toEqual(['closed', 0]);
    fail(1);
    expect([breaker.state, breaker.waitMs, breaker.admit()]).toEqual(['open', 1_000, null]);
    pass(999);
    expect([breaker.state, breaker.waitMs, breaker.admit()]).toEqual(['open', 1, null]);
  });

  it('restarts the count after a success', () => {
    const { breaker, fail } = setUp();
    fail(4);
    breaker.recordSuccess();
    fail(4);
    expect(breaker.state).toBe('closed');
  });

  it('does not count released calls as failures', () => {
    const { breaker, admit, fail } = setUp();
    fail(4);
    breaker.release(admit());
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.state).toBe('open');
  });

  it('admits exactly one probe after the open time', () => {
    const { breaker, admit, fail, pass } = setUp();
    expect(admit()).toBe('regular');
    fail(5);
    pass(1_000);
    expect([breaker.state, breaker.waitMs]).toEqual(['half_open', 0]);
    expect(admit()).toBe('probe');
    expect([breaker.state, breaker.admit()]).toEqual(['half_open', null]);
    pass(60_000);
    expect([breaker.admit(), breaker.waitMs]).toEqual([null, 1_000]);
  });

  it('closes when the probe succeeds and resets the open time', () => {
    const { breaker, admit, fail, pass } = setUp();
    fail(5);
    pass(1_000);
    breaker.recordFailure(admit());
    pass(2_000);
    admit();
    breaker.recordSuccess();
    expect([breaker.state, breaker.waitMs, admit()]).toEqual(['closed', 0, 'regular']);
    fail(4);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect(breaker.waitMs).toBe(1_000);
  });

  it('doubles the open time after each failed probe, up to the maximum', () => {
    const { breaker, admit, fail, pass } = setUp();
    fail(5);
    const waits = [breaker.waitMs];
    for (let probe = 0; probe < 3; probe++) {
      pass(breaker.waitMs);
      breaker.recordFailure(admit());
      waits.push(breaker.waitMs);
    }
    expect(waits).toEqual([1_000, 2_000, 3_000, 3_000]);
  });

  it('opens without half-opening when calls in flight fail after a success', () => {
    const { breaker, admit } = setUp();
    const admissions = [1, 2, 3, 4, 5].map(admit);
    breaker.recordSuccess();
    for (const admission of admissions) breaker.recordFailure(admission);
    expect(breaker.state).toBe('open');
  });

  it('admits another probe when the client of the first one disconnects', () => {
    const { breaker, admit, fail, pass } = setUp();
    fail(5);
    pass(1_000);
    breaker.release(admit());
    expect([breaker.state, breaker.waitMs, admit()]).toEqual(['half_open', 0, 'probe']);
  });

  it('keeps its probe when an earlier regular call is released', () => {
    const { breaker, admit, fail, pass } = setUp();
    const early = admit();
    fail(5);
    pass(1_000);
    admit();
    breaker.release(early);
    expect(breaker.admit()).toBeNull();
  });

  it('does not stay open longer for calls that started before it opened', () => {
    const { breaker, admit, fail, pass } = setUp();
    const late = admit();
    fail(5);
    pass(400);
    breaker.recordFailure(late);
    expect(breaker.waitMs).toBe(600);
  });
});

describe('scope of a circuit breaker', () => {
  const ada = (fingerprint: string) => ({ caller: 'ada', fingerprint });
  const bob = (fingerprint: string) => ({ caller: 'bob', fingerprint });

  function open(...origins: readonly { caller: string; fingerprint: string }[]) {
    const { breaker, pass } = setUp();
    for (const request of origins) breaker.recordFailure('regular', { request });
    return { breaker, pass };
  }

  it('counts a request once', () => {
    const request = ada('one');
    expect(open(...Array(9).fill(request)).breaker.state).toBe('closed');
  });

  it('rejects only equal requests when one request fails', () => {
    const { breaker } = open(...[1, 2, 3, 4, 5].map(() => ada('one')));
    expect([breaker.admit(ada('one')), breaker.admit(ada('two')), breaker.admit(bob('one'))]).toEqual([
      null,
      'regular',
      'regular',
    ]);
  });

  it('rejects equal requests of all callers when they fail for several', () => {
    const { breaker } = open(ada('one'), bob('one'), ada('one'), ada('one'), ada('one'));
    expect([breaker.admit({ caller: 'eve', fingerprint: 'one' }), breaker.admit(ada('two'))]).toEqual([null, 'regular']);
  });

  it('rejects every request of a caller whose requests fail', () => {
    const { breaker } = open(...['1', '2', '3', '4', '5'].map(ada));
    expect([breaker.admit(ada('6')), breaker.admit(bob('1'))]).toEqual([null, 'regular']);
  });

  it('rejects every caller as soon as the requests of a second caller fail', () => {
    const { breaker } = open(...['1', '2', '3', '4', '5'].map(ada));
    breaker.recordFailure('regular', { request: bob('6') });
    expect(breaker.admit({ caller: 'eve', fingerprint: '7' })).toBeNull();
  });

  it('closes when a request outside of its scope succeeds', () => {
    const { breaker } = open(...['1', '2', '3', '4', '5'].map(ada));
    breaker.recordSuccess();
    expect([breaker.state, breaker.admit(ada('6'))]).toEqual(['closed', 'regular']);
  });

  it('does not extend its open time for requests outside of its scope', () => {
    const { breaker, pass } = open(...['1', '2', '3', '4', '5'].map(ada));
    pass(400);
    breaker.recordFailure('regular', { request: bob('6') });
    expect(breaker.waitMs).toBe(600);
  });
});

describe('circuit breakers by key', () => {
  function setUpMany() {
    let now = 0;
    const breakerOf = createCircuitBreakers({ ...OPTIONS, now: () => now });
    const open = (key: string) => {
      for (let time = 0; time < 5; time++) breakerOf(key).recordFailure('regular');
    };
    const flood = (count: number) => {
      for (let index = 0; index < count; index++) breakerOf(`other-${index}`);
    };
    return { breakerOf, open, flood, pass: (ms: number) => (now += ms) };
  }

  it('keeps one breaker for each key', () => {
    const { breakerOf } = setUpMany();
    expect(breakerOf('a')).toBe(breakerOf('a'));
    expect(breakerOf('a')).not.toBe(breakerOf('b'));
  });

  it('keeps an open breaker open while 2,000 other keys are used', () => {
    const { breakerOf, open, flood } = setUpMany();
    open('large');
    flood(2_000);
    expect([breakerOf('large').state, breakerOf('large').admit()]).toEqual(['open', null]);
  });

  it('keeps several open breakers, whichever opened last', () => {
    const { breakerOf, open, flood } = setUpMany();
    for (const key of ['a', 'b', 'c']) open(key);
    flood(2_000);
    expect(['a', 'b', 'c'].map((key) => breakerOf(key).state)).toEqual(['open', 'open', 'open']);
  });

  it('keeps the breaker that is used between other keys', () => {
    const { breakerOf, flood } = setUpMany();
    const breaker = breakerOf('busy');
    for (let round = 0; round < 4; round++) {
      flood(500);
      expect(breakerOf('busy')).toBe(breaker);
    }
  });

  it('drops unused breakers that are closed or whose open time is over', () => {
    const { breakerOf, open, flood, pass } = setUpMany();
    const closed = breakerOf('closed');
    open('old');
    const old = breakerOf('old');
    pass(1_000);
    open('new');
    flood(2_000);
    expect([breakerOf('closed') === closed, breakerOf('old') === old, breakerOf('new').state]).toEqual([false, false, 'open']);
  });
});
