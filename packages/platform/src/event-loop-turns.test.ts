import { expect, it } from 'vitest';
import { nextTurn } from './event-loop-turns.ts';

it('continues one caller in each turn of the event loop, in order', async () => {
  const log: string[] = [];
  const work = async (name: string) => {
    for (let piece = 1; piece <= 2; piece += 1) {
      await nextTurn();
      log.push(`${name}${piece}`);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(log).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  log.length = 0;

  // An immediate runs in every turn, so two pieces in one turn would be neighbours.
  let isDone = false;
  const tick = () => {
    log.push('|');
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  await Promise.all(['a', 'b', 'c'].map(work));
  isDone = true;
  expect(log.join('')).not.toMatch(/\w\d\w/);
});
