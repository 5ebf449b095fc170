import { afterEach, expect, it } from 'vitest';
import { onInterruption } from './interrupt-signal.ts';

let removeListeners = () => {};
afterEach(() => removeListeners());

it('counts a signal and its duplicate from npm once', () => {
  const calls: string[] = [];
  let now = 1_000;
  removeListeners = onInterruption(
    (times, signal) => calls.push(`${times} ${signal}`),
    () => now,
  );
  for (const at of [1_000, 1_010, 1_400, 1_600, 1_650]) {
    now = at;
    process.emit('SIGINT', 'SIGINT');
  }
  expect(calls).toEqual(['1 SIGINT', '2 SIGINT']);
});
