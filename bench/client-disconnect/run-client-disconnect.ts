import { describeMachine, quantile } from '@prodigon/lab';
import { type FaultProvider, type RunningApp, startApp, startFaultProvider, startTestPostgres } from '@prodigon/testing';
import { writeResult } from '../common/write-result.ts';

const TOPOLOGIES = ['one process', 'services', 'services with two model replicas'] as const;
type Topology = (typeof TOPOLOGIES)[number];

/** When the client disconnects, and the model of the fault provider that waits at this moment. */
const MOMENTS = [
  { moment: 'before the provider has answered', model: 'hang', isStream: true },
  { moment: 'before the first token', model: 'silent_stream', isStream: true },
  { moment: 'in the middle', model: 'stall', isStream: true },
  { moment: 'without streaming', model: 'hang', isStream: false },
] as const;
type Moment = (typeof MOMENTS)[number];

const ENDPOINTS = {
  '/api/v1': ({ isStream }: Moment) => (isStream ? '/api/v1/generate/stream' : '/api/v1/generate'),
  '/v1': () => '/v1/chat/completions',
} as const;
type Api = keyof typeof ENDPOINTS;

const TIMES = 30;
const INTERNAL_TOKEN = 'internal-token-of-the-bench';

/** Measures the time from a client disconnect to the end of the call at the provider, in milliseconds, with real processes. */
export async function runClientDisconnect(): Promise<void> {
  const machine = describeMachine();
  const rows: object[] = [];
  const postgres = await startTestPostgres();
  for (const topology of TOPOLOGIES) {
    const provider = await startFaultProvider();
    const apps = await startTopology(topology, {
      OPENAI_BASE_URL: provider.baseUrl,
      DATABASE_URL: postgres.url,
      LOG_LEVEL: 'error',
    });
    const [entry] = apps;
    try {
      for (const api of Object.keys(ENDPOINTS) as Api[]) {
        for (const moment of MOMENTS) {
          const times: number[] = [];
          for (let turn = 0; turn < TIMES; turn += 1)
            times.push(await measureDisconnect(entry?.url ?? '', api, moment, provider));
          const rounded = (share: number) => Math.round(quantile(times, share) * 10) / 10;
          rows.push({
            topology,
            face: api,
            moment: moment.moment,
            median_ms: rounded(0.5),
            p95_ms: rounded(0.95),
            max_ms: rounded(1),
          });
        }
      }
      console.table(rows.filter((row) => 'topology' in row && row.topology === topology));
    } finally {
      for (const app of apps) await app.close();
      await provider.close();
    }
  }
  await postgres.close();
  writeResult('leaving', { ...machine, times: TIMES, rows });
}

/** Starts the processes of a topology. The first one accepts client requests. */
async function startTopology(topology: Topology, env: Record<string, string>): Promise<RunningApp[]> {
  if (topology === 'one process') return [await startApp('monolith', env)];
  const count = topology === 'services' ? 1 : 2;
  const models = await Promise.all(Array.from({ length: count }, () => startApp('model', { ...env, INTERNAL_TOKEN })));
  const MODEL_SERVICE_URL = models.map(({ url }) => url).join(',');
  return [await startApp('gateway', { INTERNAL_TOKEN, MODEL_SERVICE_URL, LOG_LEVEL: 'error' }), ...models];
}

async function measureDisconnect(url: string, api: Api, moment: Moment, provider: FaultProvider): Promise<number> {
  const controller = new AbortController();
  const arriving = provider.nextCall();
  const { model, isStream: stream } = moment;
  const body = api === '/v1' ? { model, stream, messages: [{ role: 'user', content: 'Hi' }] } : { model, prompt: 'Hi' };
  const response = fetch(`${url}${ENDPOINTS[api](moment)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: controller.signal,
  });
  const call = await arriving;
  if (model === 'stall') await (await response).body?.getReader().read();
  const disconnectedAt = performance.now();
  controller.abort();
  await response.catch(() => {});
  await call.disconnected;
  return performance.now() - disconnectedAt;
}
