import { describe, expect, it } from 'vitest';
import { type ItemRow, type JobRow, toItem, toJob, toResultLine, toSnapshot } from './job-rows.ts';

const AT = new Date('2026-03-02T09:15:00Z');
const TIME = '2026-03-02T09:15:00.000Z';

const jobRow = (changes: Partial<JobRow> = {}): JobRow => ({
  ...{ id: 'job-1', owner_id: 'ada', key_id: null, name: 'test', status: 'running', stop_reason: null, model: null },
  ...{
    max_tokens: 100,
    temperature: 0,
    system_prompt: null,
    priority: 0,
    rank: AT,
    total: 10,
    succeeded: 3,
    failed: 2,
    cancelled: 1,
  },
  ...{ prompt_tokens: 30, completion_tokens: 12, cost_usd: 0.5, unpriced: 0, failures_in_a_row: 0, ended_before_retry: 0 },
  ...{ sequence: 7, error: null, created_at: AT, started_at: AT, completed_at: null, expires_at: AT },
  ...{ running: 2, running_for_s: 12, ...changes },
});

const itemRow = (changes: Partial<ItemRow> = {}): ItemRow => ({
  ...{ job_id: 'job-1', index: 4, owner_id: 'ada', custom_id: 'mine', prompt: 'question', rank: AT, status: 'succeeded' },
  ...{ attempts: 2, failures: 1, lease: 2, leases_lost: 0, worker_id: 'id-1', started_at: AT, completed_at: AT },
  ...{ next_attempt_at: null, wait_ms: 5, latency_ms: 12.5, output: 'text', finish_reason: 'stop', model: 'prodigon-sim' },
  ...{ prompt_tokens: 3, completion_tokens: 2, estimated: true, cost_usd: 0.25, request_id: 'request-1' },
  ...{ error_code: null, error_message: null, change: 7, worker: 'worker-1', ...changes },
});

describe('toJob', () => {
  it('sums tokens and names the counts of the API', () => {
    expect(toJob(jobRow())).toMatchObject({
      ...{ job_id: 'job-1', total_prompts: 10, completed_prompts: 3, failed_prompts: 2, cancelled_prompts: 1 },
      ...{ running_prompts: 2, usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 }, sequence: 7 },
      ...{ created_at: TIME, started_at: TIME, completed_at: null, expires_at: TIME },
    });
  });

  it('reports no cost when the price of one result is unknown', () => {
    expect(toJob(jobRow()).cost_usd).toBe(0.5);
    expect(toJob(jobRow({ unpriced: 1 })).cost_usd).toBeNull();
  });

  it('is being cancelled only until it ends', () => {
    expect(toJob(jobRow()).cancelling).toBe(false);
    expect(toJob(jobRow({ stop_reason: 'cancelled' })).cancelling).toBe(true);
    expect(toJob(jobRow({ stop_reason: 'expired' })).cancelling).toBe(false);
    expect(toJob(jobRow({ stop_reason: 'cancelled', completed_at: AT })).cancelling).toBe(false);
  });

  it('estimates the remaining time by the throughput of the current run, to a tenth of a second', () => {
    // Six of ten items ended in 12 s, so the other four take 8 s.
    expect(toJob(jobRow()).eta_s).toBe(8);
    expect(toJob(jobRow({ running_for_s: 12.34 })).eta_s).toBe(8.2);
    // Two of the six had ended before the retry, so four took 12 s.
    expect(toJob(jobRow({ ended_before_retry: 2 })).eta_s).toBe(12);
    expect(toJob(jobRow({ succeeded: 1, failed: 0, cancelled: 0 })).eta_s).toBe(108);
  });

  it('estimates no remaining time before the first result, before the start and after the end', () => {
    expect(toJob(jobRow({ ended_before_retry: 6 })).eta_s).toBeNull();
    expect(toJob(jobRow({ running_for_s: null })).eta_s).toBeNull();
    expect(toJob(jobRow({ completed_at: AT })).eta_s).toBeNull();
  });
});

describe('toItem', () => {
  it('sums the tokens and contains the times, the worker and no error', () => {
    expect(toItem(itemRow())).toMatchObject({
      ...{ index: 4, usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }, worker: 'worker-1', error: null },
      ...{ started_at: TIME, completed_at: TIME, next_attempt_at: null },
    });
  });

  it.each([{ prompt_tokens: null }, { completion_tokens: null }])('has no usage with %j', (changes) => {
    expect(toItem(itemRow(changes)).usage).toBeNull();
  });

  it('has an error with its message, which may be empty', () => {
    const error_code = 'INFERENCE_ERROR';
    expect(toItem(itemRow({ error_code, error_message: 'It broke.' })).error).toEqual({ code: error_code, message: 'It broke.' });
    expect(toItem(itemRow({ error_code })).error).toEqual({ code: error_code, message: '' });
  });
});

describe('toResultLine', () => {
  it('contains the response of an item that succeeded', () => {
    expect(toResultLine(itemRow())).toEqual({
      ...{ id: 'job-1:4', index: 4, custom_id: 'mine', prompt: 'question', error: null },
      response: {
        ...{ status_code: 200, request_id: 'request-1' },
        body: {
          ...{ text: 'text', model: 'prodigon-sim', finish_reason: 'stop', estimated: true, cost_usd: 0.25, latency_ms: 12.5 },
          usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
        },
      },
    });
  });

  it('replaces missing fields of a response by empty ones', () => {
    const missing = { request_id: null, output: null, model: null, finish_reason: null, latency_ms: null };
    expect(toResultLine(itemRow(missing)).response).toMatchObject({
      request_id: '',
      body: { text: '', model: '', finish_reason: '', latency_ms: 0 },
    });
  });

  it('contains no error of an earlier attempt when the item succeeded', () => {
    expect(toResultLine(itemRow({ error_code: 'RATE_LIMITED', error_message: 'Later.' })).error).toBeNull();
  });

  it('contains the error of an item that failed', () => {
    const failed = { status: 'failed', error_code: 'INFERENCE_ERROR', error_message: 'It broke.' } as const;
    const error = { code: 'INFERENCE_ERROR', message: 'It broke.' };
    expect(toResultLine(itemRow(failed))).toMatchObject({ response: null, error });
    expect(toResultLine(itemRow({ ...failed, status: 'succeeded', prompt_tokens: null }))).toMatchObject({
      response: null,
      error,
    });
  });
});

describe('toSnapshot', () => {
  const job = toJob(jobRow({ running: 2 }));

  it('contains the worker, the attempt and the start of each running attempt', () => {
    const { running } = toSnapshot(job, [itemRow(), itemRow({ worker: null, started_at: null })]);
    expect(running).toEqual([
      { index: 4, worker: 'worker-1', attempt: 2, started_at: TIME },
      { index: 4, worker: '', attempt: 2, started_at: '1970-01-01T00:00:00.000Z' },
    ]);
  });

  it('counts the running items that it lists, although the job was read earlier', () => {
    expect(toSnapshot(job, Array(27).fill(itemRow())).job.running_prompts).toBe(27);
    expect(toSnapshot(toJob(jobRow({ running: 516 })), Array(200).fill(itemRow())).job.running_prompts).toBe(516);
  });
});
