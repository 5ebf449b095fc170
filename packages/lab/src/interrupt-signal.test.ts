import { performance } from 'node:perf_hooks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { untilInterrupted } from './interrupt-signal.ts';

let listeners: Map<string, () => void>;
let exit: ReturnType<typeof vi.spyOn>;
let now: number;

beforeEach(() => {
  [listeners, now] = [new Map(), 1_000];
  vi.spyOn(process, 'on').mockImplementation((name, listener) => {
    listeners.set(String(name), listener as () => void);
    return process;
  });
  vi.spyOn(process, 'off').mockImplementation((name, listener) => {
    if (listeners.get(String(name)) === listener) listeners.delete(String(name));
    return process;
  });
  exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as () => never);
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** Runs work that ends when `finish` is called. */
function runWork() {
  const work = Promise.withResolvers<string>();
  let signal = new AbortController().signal;
  const result = untilInterrupted((given) => {
    signal = given;
    return work.promise;
  });
  return { result, finish: () => work.resolve('done'), signal };
}

it('returns the result of the work and stops listening', async () => {
  const { result, finish, signal } = runWork();
  expect([...listeners.keys()]).toEqual(['SIGINT', 'SIGTERM', 'SIGHUP']);
  finish();
  expect([await result, signal.aborted, listeners.size]).toEqual(['done', false, 0]);
});

it('stops listening when the work fails', async () => {
  await expect(untilInterrupted(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(listeners.size).toBe(0);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('aborts the signal of the work on %s and lets the work clean up', async (name) => {
  const { result, finish, signal } = runWork();
  listeners.get(name)?.();
  expect(signal.reason).toEqual(new Error('Interrupted.'));
  expect(exit).not.toHaveBeenCalled();
  finish();
  expect(await result).toBe('done');
});

it('ignores the copy of a Ctrl-C that npm forwards within half a second', async () => {
  const { result, finish } = runWork();
  listeners.get('SIGINT')?.();
  now += 500;
  listeners.get('SIGINT')?.();
  expect(exit).not.toHaveBeenCalled();
  finish();
  await result;
});

it('exits with 130 after a second signal', async () => {
  const { result, finish } = runWork();
  listeners.get('SIGINT')?.();
  now += 501;
  listeners.get('SIGTERM')?.();
  expect(exit.mock.calls).toEqual([[130]]);
  finish();
  await result;
});
