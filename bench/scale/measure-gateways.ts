import { Agent, request } from 'node:http';
import { sampleProcesses } from '@prodigon/lab';
import { startPlatform } from '../common/started-platform.ts';

const CONNECTIONS = 64;
/** The V8 of each gateway compiles by the number of its own requests. */
const WARM_UP_REQUESTS_PER_GATEWAY = 8_000;
const REQUESTS = 8_000;
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';

export interface GatewayFigures {
  /** Of the gateways and of the supervisor, which accepts the connections of several gateways. */
  readonly cpu_ms_per_request: number;
  /** The share of the requests that the gateway with the most requests served. */
  readonly busiest_share: number;
}

/** Measures complete responses over 64 keep-alive connections. */
export async function measureGateways(count: number): Promise<GatewayFigures> {
  const platform = await startPlatform(['--replicas', `gateway=${count}`], { USE_MOCK: 'true' });
  try {
    const gateways = platform.processes.filter(({ service }) => service === 'gateway');
    const pids = [...gateways.map(({ pid }) => pid), platform.supervisorPid];
    const readCounts = () => Promise.all(gateways.map(({ url }) => countRequests(url ?? '')));
    await sendRequests(platform.url, WARM_UP_REQUESTS_PER_GATEWAY * count);
    const before = { cpu: sampleProcesses(pids).cpuSeconds, counts: await readCounts() };
    await sendRequests(platform.url, REQUESTS);
    const cpuSeconds = sampleProcesses(pids).cpuSeconds - before.cpu;
    const served = (await readCounts()).map((requests, index) => requests - (before.counts[index] ?? 0));
    return {
      cpu_ms_per_request: (cpuSeconds * 1_000) / REQUESTS,
      busiest_share: Math.max(...served) / served.reduce((sum, each) => sum + each, 0),
    };
  } finally {
    await platform.close();
  }
}

/** Returns the generations that a gateway has served. */
async function countRequests(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^http_requests_total\{[^}]*route="\/api\/v1\/generate"[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Each connection sends its next request when the previous response is complete. */
async function sendRequests(url: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const body = JSON.stringify({ prompt: 'Hi', model: MODEL });
  let left = count;
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      request(`${url}/api/v1/generate`, { agent, method: 'POST', headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`A request returned ${response.statusCode}.`));
        response.resume().on('end', resolve).on('error', reject);
      })
        .on('error', reject)
        .end(body);
    });
  const clients = Array.from({ length: CONNECTIONS }, async () => {
    while (left > 0) {
      left -= 1;
      await send();
    }
  });
  await Promise.all(clients);
  agent.destroy();
}
