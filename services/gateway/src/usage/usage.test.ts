import type { UsageRow } from '@prodigon/contracts';
import { createSimulatorProvider } from '@prodigon/model-providers';
import { parseEnvironmentKey } from '@prodigon/platform';
import type { KeyRecord, UsageRecord, UsageStore } from '@prodigon/ports';
import { openKeyStorage } from '@prodigon/storage';
import { describe, expect, it } from 'vitest';
import { type PlatformOptions, startPlatform, TOPOLOGIES, type Topology } from '../gateway-harness.test-support.ts';

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
async function start(topology: Topology, rows: UsageRow[] = [], options: Pick<PlatformOptions, 'apiKeys' | 'keys'> = {}) {
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
  const platform = await startPlatform({ topology, usage, providers, ...options });
  const get = (path: string, key?: string) =>
    fetch(`${platform.url}/api/v1/${path}`, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });
  const report = async (query = '', key?: string) => {
    const response = await get(`usage${query}`, key);
    return { status: response.status, body: await response.json() };
  };
  return { ...platform, get, report, queries, records };
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

const [OPS_KEY, ROOT_KEY] = ['key-of-the-operators', 'key-of-the-admin-of-all'];
const API_KEYS = { apiKeys: [`ops=${OPS_KEY}`, `root:admin=${ROOT_KEY}`] };

describe.each(TOPOLOGIES)('usage of keys, model service %s', (topology) => {
  it('is recorded with the owner and the key', async () => {
    const { post, records, flushUsage } = await start(topology, [], API_KEYS);
    const body = { prompt: 'Hi', model: 'prodigon-sim?ttft_ms=0&tokens=1' };
    await post('/api/v1/generate', body, { headers: { authorization: `Bearer ${OPS_KEY}` } });
    await flushUsage();
    expect(records).toMatchObject([{ ownerId: 'ops', keyId: 'environment:ops' }]);
  });

  it('of another owner is reported only to admins, with the same refusal whether the owner exists or not', async () => {
    const { report, queries } = await start(topology, [], API_KEYS);
    const refusals = await Promise.all(['root', 'nobody', '*'].map((owner) => report(`?owner=${owner}`, OPS_KEY)));
    for (const { status, body } of refusals)
      expect([status, body.error]).toMatchObject([
        403,
        { code: 'FORBIDDEN', message: 'Only admins may see the usage of other owners.' },
      ]);
    expect(queries).toEqual([]);
    for (const owner of ['ops', '*']) expect((await report(`?owner=${owner}&by=key`, ROOT_KEY)).status).toBe(200);
    expect((await report('?key=environment%3Aroot', OPS_KEY)).status).toBe(200);
    expect(queries).toMatchObject([
      { ownerId: 'ops', by: 'key' },
      { ownerId: null, by: 'key' },
      { ownerId: 'ops', key: 'environment:root' },
    ]);
  });
});

describe('usage by key', () => {
  const rows = [
    rowOf({ key_id: null, model: '=HYPERLINK("http://evil.example")' }),
    rowOf({ key_id: 'environment:ops', ttft_p50_ms: null }),
    rowOf({ key_id: 'key-1', hour: 7 }),
    rowOf({ key_id: 'of-another-owner' }),
  ];
  const lists: (string | null)[] = [];
  const keysOf = () => {
    const { directory, store } = openKeyStorage({
      API_KEYS: API_KEYS.apiKeys.map(parseEnvironmentKey),
      DATABASE_URL: undefined,
      DATA_DIR: '',
    });
    const list = async (ownerId: string | null) => {
      lists.push(ownerId);
      return [{ id: 'key-1', name: 'batch' }] as KeyRecord[];
    };
    return { directory, store: { ...store, list } };
  };

  it('has the names of the keys that the caller may see', async () => {
    const { report } = await start('in one process', rows, { ...API_KEYS, keys: keysOf() });
    const { body } = await report('?by=key', OPS_KEY);
    expect(body.rows.map((row: UsageRow) => row.key_name)).toEqual([null, 'ops', 'batch', null]);
    await report('?by=key', ROOT_KEY);
    expect(lists).toEqual(['ops', null]);
    expect((await report('', OPS_KEY)).body.rows[2]).not.toHaveProperty('key_name');
  });

  it('is exported as CSV in which no text is a formula', async () => {
    const { get } = await start('in one process', rows, { ...API_KEYS, keys: keysOf() });
    const response = await get('usage.csv?by=key&from=2026-03-01&to=2026-03-31', OPS_KEY);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage-2026-03-01-to-2026-03-31.csv"');
    expect((await response.text()).split('\n')).toEqual([
      'day,hour,owner_id,key_id,key_name,provider,model,requests,failed,cancelled,estimated,unpriced,prompt_tokens,completion_tokens,cost_usd,attempts,ttft_p50_ms,ttft_p95_ms',
      `2026-03-10,,local,,,groq,"'=HYPERLINK(""http://evil.example"")",1,0,0,0,0,10,20,0.1,1,100,100`,
      '2026-03-10,,local,environment:ops,ops,groq,large,1,0,0,0,0,10,20,0.1,1,,100',
      '2026-03-10,7,local,key-1,batch,groq,large,1,0,0,0,0,10,20,0.1,1,100,100',
      '2026-03-10,,local,of-another-owner,,groq,large,1,0,0,0,0,10,20,0.1,1,100,100',
      '',
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
