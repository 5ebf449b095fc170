import { describe, expect, it } from 'vitest';
import { findLearnerLine } from './learner-files.ts';
import { createRandom, deriveSeed } from './random.ts';
import { applyMutant } from './run-mutants.ts';
import { createSequenceRecorder } from './sequence-recorder.ts';

describe('generated inputs', () => {
  it('are the same for the same seed and stream, and differ between seeds and streams', () => {
    const draw = (seed: number, stream: string) => {
      const random = createRandom(seed, stream);
      return [random.integer(0, 1_000_000), random.words(3), random.shuffle([1, 2, 3, 4, 5]).join('')].join();
    };
    expect(draw(7, 'a')).toBe(draw(7, 'a'));
    expect(new Set([draw(7, 'a'), draw(8, 'a'), draw(7, 'b')]).size).toBe(3);
  });

  it('cover both bounds of a range', () => {
    const random = createRandom(1);
    const values = new Set(Array.from({ length: 200 }, () => random.integer(3, 6)));
    expect([...values].sort()).toEqual([3, 4, 5, 6]);
  });

  it('use the seed of the run for the first case, and other valid seeds for the next ones', () => {
    const seeds = Array.from({ length: 100 }, (_, index) => deriveSeed(41, index));
    expect(seeds[0]).toBe(41);
    expect(new Set(seeds).size).toBe(100);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
  });
});

describe('a sequence diagram', () => {
  it('shows what was sent, held and answered, at the times of the clock', () => {
    let now = 100;
    const recorder = createSequenceRecorder({ now: () => now });
    recorder.participants([
      { id: 'you', label: 'Your client', isLearner: true },
      { id: 'model', label: 'Model' },
    ]);
    const request = recorder.message('you', 'model', 'Generate');
    now += 2;
    request.received();
    const work = recorder.activity('model', 'generates');
    now += 10;
    work.end();
    recorder.message('model', 'you', 'response', true);
    expect(recorder.diagram()).toEqual({
      participants: [
        { id: 'you', label: 'Your client', is_learner: true },
        { id: 'model', label: 'Model', is_learner: false },
      ],
      events: [
        { type: 'message', from: 'you', to: 'model', label: 'Generate', sent_at_ms: 0, received_at_ms: 2, is_error: false },
        { type: 'activity', participant: 'model', label: 'generates', from_ms: 2, to_ms: 12, is_error: false },
        { type: 'message', from: 'model', to: 'you', label: 'response', sent_at_ms: 12, received_at_ms: null, is_error: true },
      ],
      length_ms: 12,
    });
  });

  it('counts the events beyond its limit', () => {
    const recorder = createSequenceRecorder({ now: () => 0, eventsMax: 2 });
    recorder.participants([{ id: 'you', label: 'You' }]);
    for (const label of ['a', 'b', 'c', 'd']) recorder.mark(label);
    expect(recorder.diagram()?.events.map((event) => event.type === 'mark' && event.label)).toEqual(['a', 'b', '2 more events']);
  });
});

describe('a place in the code of the learner', () => {
  it('is the first line of the stack in the folder of the learner', () => {
    const stack = [
      'TypeError: no',
      '    at node:internal/modules/run_main:5:1',
      '    at file:///repo/packages/lab/src/a.ts:3:4',
      '    at create (file:///repo/my/01/inference-client.ts:12:7)',
    ].join('\n');
    expect(findLearnerLine(stack, { path: '/repo/my/01', label: 'my/01' })).toBe('my/01/inference-client.ts:12');
    expect(findLearnerLine(stack, { path: '/repo/my/02', label: 'my/02' })).toBeNull();
  });
});

describe('a mutant', () => {
  it('is rejected when its text does not occur exactly once', () => {
    const mutant = { mistake: '', killedBy: '', file: 'a.ts', replacements: [{ find: 'x', replace: 'y' }] };
    expect(applyMutant('a x b', mutant)).toBe('a y b');
    expect(() => applyMutant('x x', mutant)).toThrow('2 times');
    expect(() => applyMutant('z', mutant)).toThrow('0 times');
  });
});
