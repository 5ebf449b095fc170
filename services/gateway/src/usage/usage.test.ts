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

/** The platform over a store that writes down what it is asked and answers with `rows`. */
async function start(topology: Topology, rows: UsageRow[] = []) {
  const records: UsageRecord[] = [];
  const asked: Parameters<UsageStore['summarize']>[0][] = [];
  const usage: UsageStore = {
    async record(added) {
      records.push(...added);
      return added.length;
    },
    async summarize(query) {
      asked.push(query);
      return rows;
    },
    purge: async () => 0,
  };
  const platform = await startPlatform({
    topology,
    usage,
    providers: [{ endpoints: [createSimulatorProvider()] }],
  });
  const ask = async (query = '') => {
    const response = await fetch(`${platform.url}/api/v1/usage${query}`);
    return { status: response.status, body: await response.json() };
  };
  return { ...platform, ask, asked, records };
}

describe.each(TOPOLOGIES)('usage, %s', (topology) => {
  it('is reported to the one who asks, with its sums', async () => {
    const rows = [rowOf({}), rowOf({ day: '2026-03-11', failed: 1, cost_usd: 0.2, ttft_p50_ms: null, ttft_p95_ms: null })];
    const { ask, asked } = await start(topology, rows);
    expect(await ask('?from=2026-03-01&to=2026-03-31')).toEqual({
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
    expect(asked).toEqual([{ ownerId: 'local', from: '2026-03-01', to: '2026-03-31' }]);
  });

  it('of no days that make sense is refused', async () => {
    const { ask, asked } = await start(topology);
    for (const query of ['?from=soon', '?from=2026-03-02&to=2026-03-01', '?from=2024-01-01&to=2026-01-01'])
      expect(await ask(query)).toMatchObject({
        status: 422,
        body: { error: { code: 'VALIDATION_ERROR', details: [{ path: 'from' }] } },
      });
    expect(asked).toEqual([]);
  });

  it('of answers, cancelled and refused ones is recorded with its request', async () => {
    const { post, records } = await start(topology);
    const ask = (path: string, model: string, id: string, init: RequestInit = {}) =>
      post(`/api/v1/generate${path}`, { prompt: 'Hi there', model }, { ...init, headers: { 'x-request-id': id } });
    await ask('', 'prodigon-sim?ttft_ms=0&tokens=5', 'whole');
    await (await ask('/stream', 'prodigon-sim?ttft_ms=0&tokens=5', 'streamed')).text();
    await ask('', 'prodigon-sim?fault=rate_limit&retry_after=30', 'refused');
    const leaving = new AbortController();
    await ask('/stream', 'prodigon-sim?ttft_ms=0&fault=stall', 'left', { signal: leaving.signal });
    leaving.abort();

    await expect.poll(() => records.length, { timeout: 30_000 }).toBe(4);
    const common = { ownerId: 'local', kind: 'chat', model: 'prodigon-sim', provider: 'offline', costUsd: 0, attempts: 1 };
    const streamed = { ...common, ttftMs: expect.any(Number) };
    expect(records).toMatchObject([
      { ...common, requestId: 'whole', status: 'completed', completionTokens: 5, estimated: false, ttftMs: null },
      { ...streamed, requestId: 'streamed', status: 'completed', completionTokens: 5, estimated: false },
      { ...common, requestId: 'refused', status: 'failed', completionTokens: 0 },
      { ...streamed, requestId: 'left', status: 'cancelled', estimated: true },
    ]);
  });
});

it('of a platform without a database is 503 in plain words, and nothing else suffers', async () => {
  const providers = [{ endpoints: [createSimulatorProvider()] }];
  const { url, post } = await startPlatform({ topology: 'over HTTP/2', providers });
  const response = await fetch(`${url}/api/v1/usage`);
  expect([response.status, (await response.json()).error]).toMatchObject([
    503,
    { code: 'SERVICE_UNAVAILABLE', message: 'Usage is not recorded: the model service has no DATABASE_URL.' },
  ]);
  expect((await post('/api/v1/generate', { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=1' })).status).toBe(200);
});
