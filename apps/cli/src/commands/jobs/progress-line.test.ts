import { expect, it } from 'vitest';
import { formatSeconds } from '../../format-numbers.ts';
import { formatProgress } from './progress-line.ts';
import { createJobFixture } from './run-jobs.test-support.ts';
import { createThroughputMeter } from './throughput-meter.ts';

const job = createJobFixture({
  total_prompts: 1_200,
  completed_prompts: 500,
  failed_prompts: 4,
  running_prompts: 8,
  eta_s: 65,
  usage: { prompt_tokens: 1, completion_tokens: 12_344, total_tokens: 12_345 },
});

it('shows the progress of a job', () => {
  expect(formatProgress(job, { columns: 140, itemsPerSecond: 12.34, isConnected: true })).toBe(
    ` 42% ${'█'.repeat(16)}${'░'.repeat(24)} 504/1,200 · 4 failed · 8 running · 12.3/s · 1 min 5 s left · 12,345 tokens`,
  );
  expect(formatProgress(job, { itemsPerSecond: 1234.5, isConnected: true })).toBe(
    '42% 504/1,200 · 4 failed · 8 running · 1235/s · 1 min 5 s left · 12,345 tokens',
  );
});

it('shows an unusual status and a lost connection', () => {
  const pending = createJobFixture({ status: 'pending', running_prompts: 0, total_prompts: 5 });
  expect(formatProgress(pending, { isConnected: true })).toBe('0% 0/5 · queued · 0 tokens');
  const lost = createJobFixture({
    cancelling: true,
    total_prompts: 5,
    completed_prompts: 1,
    failed_prompts: 1,
    cancelled_prompts: 2,
  });
  expect(formatProgress(lost, { isConnected: false })).toBe(
    '40% 2/5 · connection lost, reconnecting · cancelling · 1 failed · 1 running · 0 tokens',
  );
});

it('never fills the last column, however narrow the terminal is', () => {
  for (let columns = 1; columns <= 150; columns += 1) {
    const line = formatProgress(job, { columns, itemsPerSecond: 12.34, isConnected: false });
    expect(line.length).toBeLessThan(columns);
    if (columns > 40) expect(line).toMatch(/^ 42% █+░+ 504\/1,200/);
  }
});

it('measures the throughput of the last ten seconds', () => {
  let now = 0;
  const throughput = createThroughputMeter(() => now);
  expect(throughput.perSecond()).toBeUndefined();
  throughput.record(0);
  expect(throughput.perSecond()).toBeUndefined();
  for (now = 1_000; now <= 20_000; now += 1_000) throughput.record(now / 1_000);
  expect(throughput.perSecond()).toBe(1);
  for (; now <= 40_000; now += 1_000) throughput.record(20);
  expect(throughput.perSecond()).toBe(0);
  throughput.record(0);
  expect(throughput.perSecond()).toBe(0);
});

it.each([
  [0.4, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [185, '3 min 5 s'],
  [3_600, '1 h'],
  [7_860, '2 h 11 min'],
])('formats %d seconds as %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});
