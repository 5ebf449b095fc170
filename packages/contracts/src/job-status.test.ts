import { expect, it } from 'vitest';
import {
  ITEM_STATUS_LABELS,
  isTerminalItemStatus,
  isTerminalJobStatus,
  JOB_ITEM_STATUSES,
  JOB_STATUS_LABELS,
  JOB_STATUSES,
} from './job-status.ts';

it('treats pending and running jobs as the only ones in progress', () => {
  expect(JOB_STATUSES.filter((status) => !isTerminalJobStatus(status))).toEqual(['pending', 'running']);
});

it('treats pending, running and retrying items as the only ones in progress', () => {
  expect(JOB_ITEM_STATUSES.filter((status) => !isTerminalItemStatus(status))).toEqual(['pending', 'running', 'retrying']);
});

it('labels a status that jobs and items share with the same word', () => {
  for (const status of JOB_STATUSES)
    if (status in ITEM_STATUS_LABELS) expect(ITEM_STATUS_LABELS[status as never]).toBe(JOB_STATUS_LABELS[status]);
  expect(JOB_STATUS_LABELS.pending).toBe('Queued');
});
