import type { UsageRow } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import type { UsageRecord, UsageStore } from '@prodigon/ports';
import { describe, expect, it } from 'vitest';
import { startPlatform, TOPOLOGIES, type Topology } from '../gateway-harness.test-support.ts';

const rowOf = (changes: Partial<UsageRow>): UsageRow => ({
  day: '2026-03-10',
  provider: 'groq',
  model: 'large',
  owner_id: 'local',
  requests: 1,
  failed: 0,
  cancelled: 0,
  estimated: 0,
  unpriced: 0,
  prompt_tokens: 10,
  completion_tokens: 20,
  cost_usd: 0.1,
  attempts: 1,
  ttft_p50_ms: 100,
  ttft_p95_ms: 100,
  ...changes,
});

/** Starts the platform with a usage store that records queries and reports `rows`. */
async function start(topology: Topology, rows: UsageRow[] = []) {
  const queries: Parameters<UsageStore['summarize']>[0][] = [];
  const records: UsageRecord[] = [];
  const usage: UsageStore = {
    async record(added) {
      records.push(...added);
      return added.length;
    },
    async summarize(query) {
      queries.push(query);
      return rows;
    },
    purge: async () => 0,
  };
  const providers = [{ endpoints: [createSimulatorProvider()] }];
  const platform = await startPlatform({ topology, usage, providers });
  const report = async (query = '') => {
    const response = await fetch(`${platform.url}/api/v1/usage${query}`);
    return { status: response.status, body: await response.json() };
  };
  return { ...platform, report, queries, records };
}

describe.each(TOPOLOGIES)('usage, model service %s', (topology) => {
  it("reports the caller's rows and their totals", async () => {
    const rows = [rowOf({}), rowOf({ day: '2026-03-11', failed: 1, cost_usd: 0.2, ttft_p50_ms: null, ttft_p95_ms: null })];
    const { report, queries } = await start(topology, rows);
    expect(await report('?from=2026-03-01&to=2026-03-31')).toEqual({
      status: 200,
      body: {
        from: '2026-03-01',
        to: '2026-03-31',
        rows,
        totals: {
          requests: 2,
          failed: 1,
          cancelled: 0,
          estimated: 0,
          unpriced: 0,
          prompt_tokens: 20,
          completion_tokens: 40,
          cost_usd: 0.3,
          attempts: 2,
        },
      },
    });
    expect(queries).toEqual([{ ownerId: 'local', from: '2026-03-01', to: '2026-03-31', unit: 'day', time_zone: 'UTC' }]);
    await report('?from=2026-03-01&to=2026-03-01&unit=hour&time_zone=Asia/Tokyo');
    expect(queries.at(-1)).toMatchObject({ to: '2026-03-01', unit: 'hour', time_zone: 'Asia/Tokyo' });
  });

  it('rejects invalid periods', async () => {
    const { report, queries } = await start(topology);
    for (const query of ['?from=soon', '?from=2026-03-02&to=2026-03-01', '?from=2024-01-01&to=2026-01-01'])
      expect(await report(query)).toMatchObject({
        status: 422,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ path: 'from' }] } },
      });
    expect(queries).toEqual([]);
  });

  it('records completed, failed and cancelled requests with their request id', async () => {
    const { post, records, metrics, flushUsage } = await start(topology);
    const generate = (path: string, model: string, id: string, init: RequestInit = {}) =>
      post(`/api/v1/generate${path}`, { prompt: 'Hi there', model }, { ...init, headers: { 'x-request-id': id } });
    await generate('', 'prodigon-sim?ttft_ms=0&tokens=5', 'whole');
    await (await generate('/stream', 'prodigon-sim?ttft_ms=0&tokens=5', 'streamed')).text();
    await generate('', 'prodigon-sim?fault=rate_limit&retry_after=30', 'rejected');
    const disconnecting = new AbortController();
    await generate('/stream', 'prodigon-sim?ttft_ms=0&fault=stall', 'disconnected', { signal: disconnecting.signal });
    disconnecting.abort();

    const cancelled = /generations_total\{.*status="cancelled"\} 1/;
    await expect.poll(() => metrics.registry.metrics(), { timeout: 30_000, interval: 5 }).toMatch(cancelled);
    await flushUsage();
    const common = { ownerId: 'local', kind: 'chat', model: 'prodigon-sim', provider: 'offline', costUsd: 0, attempts: 1 };
    const streamed = { ...common, ttftMs: expect.any(Number) };
    expect(records).toMatchObject([
      { ...common, requestId: 'whole', status: 'completed', completionTokens: 5, estimated: false, ttftMs: null },
      { ...streamed, requestId: 'streamed', status: 'completed', completionTokens: 5, estimated: false },
      { ...common, requestId: 'rejected', status: 'failed', completionTokens: 0 },
      { ...streamed, requestId: 'disconnected', status: 'cancelled', estimated: true },
    ]);
  });
});

it('returns 503 for the usage report without a database, but serves completions', async () => {
  const providers = [{ endpoints: [createSimulatorProvider()] }];
  const { url, post } = await startPlatform({ topology: 'over HTTP/2', providers });
  const response = await fetch(`${url}/api/v1/usage`);
  expect([response.status, (await response.json()).error]).toMatchObject([
    503,
    { code: 'SERVICE_UNAVAILABLE', message: 'Usage is not recorded: the model service has no DATABASE_URL.' },
  ]);
  expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
});
