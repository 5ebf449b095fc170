import type { TaskProgress } from '@prodigon/contracts/workshop';
import { expect, it } from 'vitest';
import { formatMinutes, progressShare } from './task-progress.ts';

const NEW: TaskProgress = {
  ...{ started: false, visited: [], minutes: 0, predicted: false, verdict: null, checks_passed: 0, checks_total: 6 },
  ...{ completed_at: null, last_active_at: null, last_section: null },
};

it('counts sections, the prediction, the verdict and the checks alike', () => {
  expect(progressShare(NEW, 10)).toBe(0);
  const half = { ...NEW, visited: ['a', 'b', 'c', 'd'], predicted: true, verdict: 'REFUTED', checks_passed: 3 };
  expect(progressShare(half, 10)).toBe(0.5);
});

it('reaches 1 when everything was done, even if a check fails again later', () => {
  const done = {
    ...NEW,
    visited: ['a', 'b'],
    predicted: true,
    verdict: 'REFUTED',
    checks_passed: 5,
    completed_at: '2026-01-01T00:00:00Z',
  };
  expect(progressShare(done, 2)).toBe(1);
  expect(progressShare({ ...NEW, visited: ['a', 'b', 'gone'] }, 2)).toBe(0.2);
});

it('shows the minutes so far after the first visit', () => {
  expect(formatMinutes(NEW, 60)).toBe('60 min');
  expect(formatMinutes({ ...NEW, minutes: 23, last_active_at: '2026-01-01T00:00:00Z' }, 60)).toBe('60 min · 23 min so far');
});
