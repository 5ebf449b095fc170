import { expect, it } from 'vitest';
import { planDisturbances } from './disturbance-plan.ts';

const HOUR_MS = 3_600_000;

it('is the same for the same seed and another for another', () => {
  expect(planDisturbances('1', HOUR_MS)).toEqual(planDisturbances('1', HOUR_MS));
  expect(planDisturbances('1', HOUR_MS)).not.toEqual(planDisturbances('2', HOUR_MS));
});

it('kills only one model service and one worker, and stops each now and then', () => {
  const plan = planDisturbances('1', HOUR_MS);
  const processesOf = (kind: string) => new Set(plan.filter((each) => each.kind === kind).map((each) => each.process));
  expect(processesOf('kill')).toEqual(new Set(['model service 2', 'worker 2']));
  expect(processesOf('stop')).toEqual(new Set(['model service 1', 'model service 2', 'worker 1', 'worker 2']));
  expect(plan.some(({ process, forMs }) => process === 'worker 2' && forMs > 30_000)).toBe(true);
});

it('lets one thing be over before the next begins, and ends in calm', () => {
  const plan = planDisturbances('1', HOUR_MS);
  for (const [index, { atMs, forMs }] of plan.entries())
    expect(plan[index + 1]?.atMs ?? HOUR_MS).toBeGreaterThanOrEqual(atMs + forMs + 12_000);
});

it('does nothing in a time that is too short for it', () => {
  expect(planDisturbances('1', 20_000)).toEqual([]);
});
