import type { TaskProgress } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import { completionOf, describeResults, formatMinutes, progressShare } from './task-progress.ts';

const NEW: TaskProgress = {
  ...{ started: false, sections_done: [], minutes: 0, predicted: false, verdict: null, checks_passed: 0, checks_total: 6 },
  ...{ completed_at: null, with_solution: false, last_active_at: null, next_section: 'a' },
};
const DONE: TaskProgress = {
  ...{ ...NEW, started: true, sections_done: ['a', 'b'], predicted: true, verdict: 'REFUTED', checks_passed: 6 },
  ...{ completed_at: '2026-01-01T00:00:00Z', last_active_at: '2026-01-01T00:00:00Z', next_section: null },
};

it('counts sections and checks alike', () => {
  expect(progressShare(NEW, 10)).toBe(0);
  expect(progressShare({ ...NEW, sections_done: ['a', 'b', 'c', 'd', 'e'], checks_passed: 3 }, 10)).toBe(0.5);
  expect(progressShare({ ...NEW, sections_done: ['a', 'b', 'gone'] }, 2)).toBe(0.25);
});

it('reaches 1 when everything was done, even if a check fails again later', () => {
  expect(progressShare({ ...DONE, checks_passed: 5 }, 2)).toBe(1);
});

it.each([
  ['0 of 6 checks pass', null, NEW],
  ['0 of 6 checks pass · no valid verdict', null, { ...NEW, verdict: 'INVALID' }],
  ['3 of 6 checks pass · SUPPORTED', null, { ...NEW, checks_passed: 3, verdict: 'SUPPORTED' }],
  ['6 of 6 checks pass · no valid verdict', null, { ...DONE, verdict: 'INVALID' }],
  ['6 of 6 checks pass, with the solution · no valid verdict', null, { ...DONE, verdict: null, with_solution: true }],
  ['6 of 6 checks pass · REFUTED', 'Completed', DONE],
  ['6 of 6 checks pass, with the solution · REFUTED', 'Completed with the solution', { ...DONE, with_solution: true }],
])('describes the results "%s" with the completion %s', (results, completion, progress) => {
  expect([describeResults(progress), completionOf(progress)]).toEqual([results, completion]);
});

it('shows the minutes so far after the first activity', () => {
  expect(formatMinutes(NEW, 60)).toBe('60 min');
  expect(formatMinutes({ ...NEW, minutes: 23, last_active_at: '2026-01-01T00:00:00Z' }, 60)).toBe('60 min · 23 min so far');
});
