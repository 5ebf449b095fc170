import type { Job, JobItem } from '@prodigon/contracts';

export const JOB_ID = '01a20ad6-cb20-7ba4-ab28-479cd953a6f8';

/** Creates a running job with four of ten prompts finished. */
export function createJobFixture(changes: Partial<Job> = {}): Job {
  return {
    job_id: JOB_ID,
    name: 'Ten questions',
    status: 'running',
    cancelling: false,
    created_at: '2026-11-23T10:00:00.000Z',
    started_at: '2026-11-23T10:00:01.000Z',
    completed_at: null,
    expires_at: '2026-11-24T10:00:00.000Z',
    model: null,
    max_tokens: 1_024,
    temperature: 0.7,
    system_prompt: null,
    priority: 0,
    total_prompts: 10,
    completed_prompts: 3,
    failed_prompts: 1,
    cancelled_prompts: 0,
    running_prompts: 2,
    usage: { prompt_tokens: 10, completion_tokens: 90, total_tokens: 100 },
    cost_usd: null,
    eta_s: 5,
    sequence: 7,
    error: null,
    ...changes,
  };
}

export function createItemFixture(changes: Partial<JobItem> = {}): JobItem {
  return {
    index: 0,
    custom_id: null,
    prompt: 'Why?',
    status: 'pending',
    attempts: 0,
    output: null,
    finish_reason: null,
    error: null,
    model: null,
    usage: null,
    estimated: false,
    cost_usd: null,
    worker: null,
    started_at: null,
    completed_at: null,
    next_attempt_at: null,
    wait_ms: null,
    latency_ms: null,
    ...changes,
  };
}
