import { describe, expect, it } from 'vitest';
import { aJob } from '../job.test-support.ts';
import { paceOf, withSample } from './pace.ts';

describe('the pace', () => {
  it('is that of the last seconds while the job runs', () => {
    let samples = withSample([], aJob({ completed_prompts: 0, failed_prompts: 0 }), 0);
    samples = withSample(samples, aJob({ completed_prompts: 4, failed_prompts: 0 }), 2_000);
    expect(paceOf(aJob(), samples)).toEqual({ promptsPerSecond: 2, tokensPerSecond: 0 });
  });

  it('is not told from a moment', () => {
    const samples = withSample(withSample([], aJob(), 0), aJob({ completed_prompts: 9 }), 200);
    expect(paceOf(aJob(), samples)).toBeNull();
  });

  it('forgets what was long ago', () => {
    expect(withSample(withSample([], aJob(), 0), aJob(), 60_000)).toHaveLength(1);
  });

  it('is that of the whole once the job is over', () => {
    const job = aJob({ status: 'completed', completed_at: '2026-11-23T10:00:03.000Z' });
    expect(paceOf(job, [])).toEqual({ promptsPerSecond: 2, tokensPerSecond: 50 });
    expect(paceOf({ ...job, started_at: null }, [])).toBeNull();
  });
});
