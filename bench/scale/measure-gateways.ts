import { assertCorrectResponses, assertIdleGenerator, closedLoop, type LoadResult, openLoop } from '@prodigon/lab';
import { type StartedPlatform, startPlatform } from '../common/started-platform.ts';

const CONNECTIONS = 64;
/** V8 optimizes each gateway by the number of requests that this gateway has processed. */
const WARM_UP_MS_PER_GATEWAY = 6_000;
const WINDOW_MS = 4_000;
/** At this rate, a gateway is busy for about a third of the time. */
const RATE_PER_GATEWAY = 700;
const MODEL = 'prodigon-sim?ttft_ms=0&tokens_per_s=100000&tokens=5';

/** CPU times are in microseconds per request, of the gateways and of the supervisor, which distributes the connections of several gateways. */
export interface GatewayFigures {
  /** 64 connections that each send the next request when the previous response is complete. */
  readonly saturated_cpu_us: number;
  readonly saturated_requests_per_s: number;
  /** The share of the requests in the saturated window that the gateway with the most requests served. */
  readonly busiest_share: number;
  /** 700 requests per second for each gateway. */
  readonly equal_rate_per_gateway_cpu_us: number;
  /** 700 requests per second in total, for any number of gateways. */
  readonly equal_total_rate_cpu_us: number;
}

/**
 * Measures complete responses over 64 keep-alive connections. The platforms with one gateway and with more run at the same
 * time and take turns, because the speed of a machine changes from minute to minute. Returns the rounds of each count.
 */
export async function measureGateways(
  counts: readonly number[],
  rounds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, GatewayFigures[]>> {
  const platforms = new Map<number, StartedPlatform>();
  const figures = new Map<number, GatewayFigures[]>(counts.map((count) => [count, []]));
  try {
    for (const count of counts) {
      const platform = await startPlatform(['--replicas', `gateway=${count}`], { USE_MOCK: 'true' });
      platforms.set(count, platform);
      await closedLoop({ ...loadOf(platform), durationMs: WARM_UP_MS_PER_GATEWAY * count });
    }
    for (let round = 0; round < rounds; round += 1)
      for (const [count, platform] of round % 2 === 0 ? platforms : [...platforms].reverse()) {
        signal.throwIfAborted();
        figures.get(count)?.push(await measureRound(platform, count));
      }
    return figures;
  } finally {
    for (const platform of platforms.values()) await platform.close();
  }
}

async function measureRound(platform: StartedPlatform, count: number): Promise<GatewayFigures> {
  const load = loadOf(platform);
  const measureAt = async (ratePerSecond: number) =>
    cpuMicroseconds(await openLoop({ ...load, ratePerSecond, durationMs: WINDOW_MS }));
  const readCounts = () => Promise.all(gatewaysOf(platform).map(({ url }) => countRequests(url ?? '')));
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
}

const gatewaysOf = ({ processes }: StartedPlatform) => processes.filter(({ service }) => service === 'gateway');

const loadOf = (platform: StartedPlatform) => ({
  url: `${platform.url}/api/v1/generate`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ prompt: 'Hi', model: MODEL }),
  watch: [...gatewaysOf(platform).map(({ pid }) => pid), platform.supervisorPid],
  connections: CONNECTIONS,
});

function cpuMicroseconds(load: LoadResult): number {
  assertCorrectResponses('gateways', load);
  assertIdleGenerator('gateways', load);
  return ((load.cpuSeconds ?? Number.NaN) / load.responses) * 1e6;
}

/** Returns the number of generations that a gateway has completed. */
async function countRequests(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^http_requests_total\{[^}]*route="\/api\/v1\/generate"[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
