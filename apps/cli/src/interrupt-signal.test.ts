import { afterEach, expect, it } from 'vitest';
import { onInterruption } from './interrupt-signal.ts';

let giveBack = () => {};
afterEach(() => giveBack());

it('counts a signal and the copy that npm hands on as one wish', () => {
  const wishes: string[] = [];
  let now = 1_000;
  giveBack = onInterruption(
    (times, signal) => wishes.push(`${times} ${signal}`),
    () => now,
  );
  for (const at of [1_000, 1_010, 1_400, 1_600, 1_650]) {
    now = at;
    process.emit('SIGINT', 'SIGINT');
  }
  expect(wishes).toEqual(['1 SIGINT', '2 SIGINT']);
});
