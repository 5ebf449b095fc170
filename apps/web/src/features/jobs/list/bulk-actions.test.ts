import { AppError } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { runForEach } from './bulk-actions.tsx';

it('runs the action for every target, at most four at a time', async () => {
  let [running, runningMax] = [0, 0];
  const done: number[] = [];
  const failures = await runForEach([1, 2, 3, 4, 5, 6, 7], async (target) => {
    running += 1;
    runningMax = Math.max(runningMax, running);
    await Promise.resolve();
    running -= 1;
    done.push(target);
  });
  expect(failures).toEqual([]);
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(runningMax).toBe(4);
});

it('reports the targets that fail and continues with the others', async () => {
  const failures = await runForEach(['a', 'b', 'c'], async (target) => {
    if (target !== 'c') throw new AppError('CONFLICT', `${target} is running.`);
  });
  expect(failures.map(({ target, error }) => [target, error.message])).toEqual([
    ['a', 'a is running.'],
    ['b', 'b is running.'],
  ]);
});
