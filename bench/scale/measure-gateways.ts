import { assertCorrectResponses, assertIdleGenerator, closedLoop, type LoadResult, openLoop } from '@prodigon/lab';
import { startPlatform } from '../common/started-platform.ts';

const CONNECTIONS = 64;
/** The V8 of each gateway compiles by the number of its own requests. */
const WARM_UP_MS_PER_GATEWAY = 6_000;
const WINDOW_MS = 8_000;
/** At this rate, a gateway is busy for about a third of the time. */
const RATE_PER_GATEWAY = 700;
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';

/** CPU time in microseconds per request, of the gateways and of the supervisor, which distributes the connections of several gateways. */
export interface GatewayFigures {
  /** 64 connections that each send the next request when the previous response is complete. */
  readonly saturated_cpu_us: number;
  readonly saturated_requests_per_s: number;
  /** The share of the requests in the saturated window that the gateway with the most requests served. */
  readonly busiest_share: number;
  /** 700 requests per second for each gateway. */
  readonly equal_rate_per_gateway_cpu_us: number;
  /** 700 requests per second, however many gateways there are. */
  readonly equal_total_rate_cpu_us: number;
}

/** Measures complete responses over 64 keep-alive connections. */
export async function measureGateways(count: number): Promise<GatewayFigures> {
  const platform = await startPlatform(['--replicas', `gateway=${count}`], { USE_MOCK: 'true' });
  try {
    const gateways = platform.processes.filter(({ service }) => service === 'gateway');
    const load = {
      url: `${platform.url}/api/v1/generate`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'Hi', model: MODEL }),
      watch: [...gateways.map(({ pid }) => pid), platform.supervisorPid],
      connections: CONNECTIONS,
    };
    const readCounts = () => Promise.all(gateways.map(({ url }) => countRequests(url ?? '')));
    const measureAt = async (ratePerSecond: number) =>
      cpuMicroseconds(await openLoop({ ...load, ratePerSecond, durationMs: WINDOW_MS }));

    await closedLoop({ ...load, durationMs: WARM_UP_MS_PER_GATEWAY * count });
    const before = await readCounts();
    const saturated = await closedLoop({ ...load, durationMs: WINDOW_MS });
    const served = (await readCounts()).map((requests, index) => requests - (before[index] ?? 0));
    return {
      saturated_cpu_us: cpuMicroseconds(saturated),
      saturated_requests_per_s: saturated.responsesPerSecond,
      busiest_share: Math.max(...served) / served.reduce((sum, each) => sum + each, 0),
      equal_rate_per_gateway_cpu_us: await measureAt(RATE_PER_GATEWAY * count),
      equal_total_rate_cpu_us: await measureAt(RATE_PER_GATEWAY),
    };
  } finally {
    await platform.close();
  }
}

function cpuMicroseconds(load: LoadResult): number {
  assertCorrectResponses('gateways', load);
  assertIdleGenerator('gateways', load);
  return ((load.cpuSeconds ?? Number.NaN) / load.responses) * 1e6;
}

/** Returns the generations that a gateway has served. */
async function countRequests(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^http_requests_total\{[^}]*route="\/api\/v1\/generate"[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
