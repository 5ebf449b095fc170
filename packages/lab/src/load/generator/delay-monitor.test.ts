import { expect, it, vi } from 'vitest';
import { createDelayMonitor } from './delay-monitor.ts';

const createFakeMonitor = (count: number, p99Ns: number) =>
  ({ count, percentile: () => p99Ns, reset: vi.fn(), enable: vi.fn(), disable: vi.fn() }) as never;

it('reports the 99th percentile of what timers of 10 ms took too long', () => {
  expect(createDelayMonitor(createFakeMonitor(100, 14_500_000)).readP99Ms()).toBeCloseTo(4.5);
});

it('reports no delay when no timer fired, or none was late', () => {
  expect(createDelayMonitor(createFakeMonitor(0, Number.NaN)).readP99Ms()).toBe(0);
  expect(createDelayMonitor(createFakeMonitor(3, 9_900_000)).readP99Ms()).toBe(0);
});
