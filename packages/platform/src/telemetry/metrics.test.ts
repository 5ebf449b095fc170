import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

/** Returns the upper bounds of a histogram's buckets, as Prometheus receives them. */
async function bucketsOf(text: Promise<string>, name: string): Promise<string[]> {
  return [...(await text).matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"[^}]*\\} `, 'gm'))].map(([, bound = '']) => bound);
}

const SECONDS = '0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 30 60 120 300'.split(' ');

describe('the metrics of a process', () => {
  it('measure durations from one millisecond to five minutes, in buckets that dashboards query by name', async () => {
    const { registry, requestDuration, timeToFirstToken, jobItemRun } = createMetrics();
    requestDuration.observe({ service: 's', route: '/r', method: 'GET' }, 0.001);
    timeToFirstToken.observe({ provider: 'p', model: 'm' }, 300);
    jobItemRun.observe(1);
    for (const name of ['http_request_duration_seconds', 'generation_ttft_seconds', 'job_item_run_seconds'])
      expect(await bucketsOf(registry.metrics(), name), name).toEqual([...SECONDS, '+Inf']);
  });

  it('measure the wait of batch items in the same buckets and up to an hour', async () => {
    const { registry, jobItemWait } = createMetrics();
    jobItemWait.observe(3_600);
    expect(await bucketsOf(registry.metrics(), 'job_item_wait_seconds')).toEqual([...SECONDS, '600', '1800', '3600', '+Inf']);
  });

  it('include those of the Node.js process, and are separate for each call', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.usageRecordsWritten.inc(3);
    expect(await one.registry.metrics()).toMatch(/^usage_records_written_total 3$/m);
    expect(await other.registry.metrics()).toMatch(/^usage_records_written_total 0$/m);
    expect(await other.registry.metrics()).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });
});
