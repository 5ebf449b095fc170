import { z } from 'zod';

/** Statuses of a job, as stored in the database and returned by the API. */
export const JOB_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled', 'expired'] as const;
export const jobStatusSchema = z.enum(JOB_STATUSES);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** Statuses of one item of a job, as stored in the database and returned by the API. */
export const JOB_ITEM_STATUSES = ['pending', 'running', 'retrying', 'succeeded', 'failed', 'cancelled', 'expired'] as const;
export const jobItemStatusSchema = z.enum(JOB_ITEM_STATUSES);
export type JobItemStatus = z.infer<typeof jobItemStatusSchema>;

/** Status of a job as user interfaces show it. */
export const JOB_STATUS_LABELS: Readonly<Record<JobStatus, string>> = {
  pending: 'Queued',
  running: 'Running',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

/** Status of an item as user interfaces show it. */
export const ITEM_STATUS_LABELS: Readonly<Record<JobItemStatus, string>> = {
  pending: 'Queued',
  running: 'Running',
  retrying: 'Retrying',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  expired: 'Expired',
};

/** Returns whether a job has ended, so that its status changes only by a retry. */
export const isTerminalJobStatus = (status: JobStatus): boolean => status !== 'pending' && status !== 'running';

/** Returns whether an item has ended, so that its status changes only by a retry of its job. */
export const isTerminalItemStatus = (status: JobItemStatus): boolean =>
  status !== 'pending' && status !== 'running' && status !== 'retrying';
