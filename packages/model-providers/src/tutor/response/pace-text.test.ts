import { AppError } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../clock.ts';
import { paceText } from './pace-text.ts';

const signal = new AbortController().signal;

/** A clock that advances only during `sleep`, which takes `lateMs` longer than requested. */
function createClock(lateMs = 0): Clock & { time: number } {
  return {
    time: 1_000,
    now() {
      return this.time;
    },
    async sleep(ms) {
      this.time += ms + lateMs;
    },
  };
}

async function pace(text: string, clock = createClock()) {
  const steps: [number, string[]][] = [];
  for await (const pieces of paceText(text, clock, signal)) steps.push([clock.time - 1_000, pieces]);
  return steps;
}

describe('paceText', () => {
  it('yields two words every 6.25 ms, the first ones immediately', async () => {
    expect(await pace('one two three four five')).toEqual([
      [0, ['one two ']],
      [6.25, ['three four ']],
      [12.5, ['five']],
    ]);
  });

  it('yields every piece that is due after a late timer, each once', async () => {
    const steps = await pace('a b c d e f g h i j k l', createClock(10));
    expect(steps.map(([, pieces]) => pieces.length)).toEqual([1, 2, 2, 1]);
    expect(steps.flatMap(([, pieces]) => pieces).join('')).toBe('a b c d e f g h i j k l');
  });

  it.each(['', ' \n ', ' leading', 'trailing\n\n', 'a\n\n- b  c\n'])('keeps the white space of %j', async (text) => {
    expect((await pace(text)).flatMap(([, pieces]) => pieces).join('')).toBe(text);
  });

  it('waits at least one millisecond, so that rounding cannot cause a busy loop', async () => {
    const waits: number[] = [];
    const clock = createClock();
    const sleep = clock.sleep.bind(clock);
    // Wakes up 0.5 ms early.
    clock.sleep = (ms, signal) => {
      waits.push(ms);
      return sleep(ms - 0.5, signal);
    };
    await pace('a b c d', clock);
    expect(waits).toEqual([6.25, 1]);
  });

  it('throws the reason of a signal that has aborted', async () => {
    const reason = new AppError('CANCELLED');
    await expect(paceText('a b', createClock(), AbortSignal.abort(reason)).next()).rejects.toBe(reason);
  });
});
