import { describeMachine, quantile } from '@prodigon/lab';
import { type RunningApp, startApp, startTestPostgres } from '@prodigon/testing';
import type { PartOptions } from '../common/part-options.ts';
import { writeResult } from '../common/write-result.ts';
import { HEAVY_REQUESTS, type HeavyRequest } from './heavy-requests.ts';

const TOPOLOGIES = ['one process', 'services'] as const;
type Topology = (typeof TOPOLOGIES)[number];

const ROUNDS = 5;
const IDLE_MS = 1_000;
const INTERNAL_TOKEN = 'internal-token-of-the-bench';
/** The stream that heavy requests may delay: a token every 5 ms. */
const STREAM = { model: 'prodigon-sim?ttft_ms=0&tokens_per_s=200&tokens=1000000', prompt: 'Hi', max_tokens: 8_192 };

/** Measures the longest gap between two chunks of a stream while heavy requests run, in milliseconds, with real processes. */
export async function runEventLoop({ isQuick }: PartOptions): Promise<void> {
  const rows: object[] = [];
  const postgres = await startTestPostgres();
  for (const topology of TOPOLOGIES) {
    const apps = await startTopology(topology, { DATABASE_URL: postgres.url, LOG_LEVEL: 'error' });
    const url = apps[0]?.url ?? '';
    try {
      const idle = await longestGap(url, () => new Promise((resolve) => setTimeout(resolve, IDLE_MS, 0)));
      rows.push({ topology, request: 'none', status: 0, median_gap_ms: idle.gapMs, max_gap_ms: idle.gapMs });
      for (const request of HEAVY_REQUESTS) {
        const gaps: number[] = [];
        let status = 0;
        for (let round = 0; round < (isQuick ? 2 : ROUNDS); round += 1) {
          const measured = await longestGap(url, () => send(url, request));
          gaps.push(measured.gapMs);
          status = measured.result;
        }
        rows.push({ topology, request: request.name, status, median_gap_ms: quantile(gaps, 0.5), max_gap_ms: quantile(gaps, 1) });
      }
    } finally {
      for (const app of apps) await app.close();
    }
    console.table(rows.filter((row) => 'topology' in row && row.topology === topology));
  }
  await postgres.close();
  if (!isQuick) writeResult('event-loop', { ...describeMachine(), rounds: ROUNDS, rows });
}

/** Starts the processes of a topology. The first one accepts client requests. */
async function startTopology(topology: Topology, env: Record<string, string>): Promise<RunningApp[]> {
  if (topology === 'one process') return [await startApp('monolith', env)];
  const model = await startApp('model', { ...env, INTERNAL_TOKEN });
  return [await startApp('gateway', { INTERNAL_TOKEN, MODEL_SERVICE_URL: model.url, LOG_LEVEL: 'error' }), model];
}

/** Runs `work` beside a stream. Returns its result and the longest gap of the stream meanwhile. */
async function longestGap(url: string, work: () => Promise<number>): Promise<{ gapMs: number; result: number }> {
  const controller = new AbortController();
  const response = await fetch(`${url}/api/v1/generate/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(STREAM),
    signal: controller.signal,
  });
  const reader = response.body?.getReader();
  await reader?.read();
  let lastAt = performance.now();
  let gapMs = 0;
  const note = () => {
    const now = performance.now();
    gapMs = Math.max(gapMs, now - lastAt);
    lastAt = now;
  };
  const reading = (async () => {
    while (!(await reader?.read())?.done) note();
  })().catch(() => {});
  const result = await work();
  note();
  controller.abort();
  await reading;
  return { gapMs: Math.round(gapMs), result };
}

/** Returns the status of the response. */
async function send(url: string, { path, body, count }: HeavyRequest): Promise<number> {
  const statuses = await Promise.all(
    Array.from({ length: count }, async () => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url + path, { method: 'POST', headers, body });
      for await (const _ of response.body ?? []);
      return response.status;
    }),
  );
  return Math.max(...statuses);
}
