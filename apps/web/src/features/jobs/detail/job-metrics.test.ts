import { describe, expect, it } from 'vitest';
import { createJobFixture } from '../job.test-support.ts';
import { appendSample, jobModelLabel, jobThroughput, missingTimingsLabel, timingInsight } from './job-metrics.ts';

describe('jobThroughput', () => {
  it('measures the sample window while the job runs', () => {
    let samples = appendSample([], createJobFixture({ completed_prompts: 0, failed_prompts: 0 }), 0);
    samples = appendSample(samples, createJobFixture({ completed_prompts: 4, failed_prompts: 0 }), 2_000);
    expect(jobThroughput(createJobFixture(), samples)).toEqual({ promptsPerSecond: 2, tokensPerSecond: 0 });
  });

  it('returns null if the samples span less than 1.5 seconds', () => {
    const samples = appendSample(appendSample([], createJobFixture(), 0), createJobFixture({ completed_prompts: 9 }), 1_499);
    expect(jobThroughput(createJobFixture(), samples)).toBeNull();
  });

  it('drops samples older than 15 seconds', () => {
    const samples = appendSample([], createJobFixture(), 0);
    expect(appendSample(samples, createJobFixture(), 15_000)).toHaveLength(2);
    expect(appendSample(samples, createJobFixture(), 15_001)).toHaveLength(1);
  });

  it('measures the whole job once it has finished', () => {
    const job = createJobFixture({ status: 'completed', completed_at: '2026-11-23T10:00:03.000Z' });
    expect(jobThroughput(job, [])).toEqual({ promptsPerSecond: 2, tokensPerSecond: 50 });
    expect(jobThroughput({ ...job, started_at: null }, [])).toBeNull();
  });
});

describe('missingTimingsLabel', () => {
  const none = { measured_prompts: 0, models: [], wait_ms: null, run_ms: null, attempts: [] };

  it.each([
    ['loads', 'Loading…', createJobFixture(), null, false],
    ['could not load', 'Not available', createJobFixture(), null, true],
    ['has no success', 'No prompt has succeeded yet', createJobFixture({ completed_prompts: 0 }), none, true],
    ['ended without success', 'No prompt succeeded', createJobFixture({ completed_prompts: 0, status: 'failed' }), none, true],
    ['has newer counts than measurements', 'Measuring…', createJobFixture({ completed_prompts: 21 }), none, true],
  ])('explains a job that %s: %s', (_case, label, job, timings, isLoaded) => {
    expect(missingTimingsLabel(job, timings, isLoaded)).toBe(label);
  });
});

it.each([
  [4_000, 1_000, 'waited 4 times as long as it ran'],
  [51, 31, 'waited longer than it ran.'],
  [50, 51, 'waited about as long as it ran.'],
  [31, 51, 'ran longer than it waited.'],
  [1, 51, 'ran longer than it waited. The model limits the throughput.'],
])('compares a queue time of %d ms with a run time of %d ms: %s', (queueMs, runMs, insight) => {
  expect(timingInsight(queueMs, runMs)).toContain(insight);
});

it.each([
  [null, [], 'Default model'],
  [null, ['fake-small'], 'fake-small (default)'],
  [null, ['fake-small', 'fake-large'], 'fake-small, fake-large (default)'],
  ['fake-small', [], 'fake-small'],
  ['prodigon-sim?tokens=3', ['prodigon-sim'], 'prodigon-sim?tokens=3'],
  ['small', ['fake-small'], 'small (fake-small)'],
])('names the model %s with responses of %j: %s', (requested, responded, label) => {
  expect(jobModelLabel(requested, responded)).toBe(label);
});
