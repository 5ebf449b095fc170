import { expect, it } from 'vitest';
import { planFaults } from './fault-plan.ts';

const HOUR_MS = 3_600_000;

it('plans the same faults for the same seed and others for another', () => {
  expect(planFaults('1', HOUR_MS)).toEqual(planFaults('1', HOUR_MS));
  expect(planFaults('1', HOUR_MS)).not.toEqual(planFaults('2', HOUR_MS));
});

it('kills only the second model service and worker, and stops all of them', () => {
  const plan = planFaults('1', HOUR_MS);
  const processesOf = (kind: string) => new Set(plan.filter((each) => each.kind === kind).map((each) => each.process));
  expect(processesOf('kill')).toEqual(new Set(['model service 2', 'worker 2']));
  expect(processesOf('stop')).toEqual(new Set(['model service 1', 'model service 2', 'worker 1', 'worker 2']));
  expect(plan.some(({ process, forMs }) => process === 'worker 2' && forMs > 30_000)).toBe(true);
});

it('ends each fault before the next one and the last one before the end', () => {
  const plan = planFaults('1', HOUR_MS);
  for (const [index, { atMs, forMs }] of plan.entries())
    expect(plan[index + 1]?.atMs ?? HOUR_MS).toBeGreaterThanOrEqual(atMs + forMs + 12_000);
});

it('plans no fault for a short duration', () => {
  expect(planFaults('1', 20_000)).toEqual([]);
});
