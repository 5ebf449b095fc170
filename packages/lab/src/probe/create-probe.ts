import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProbeReport, ProbeRequest } from './probe-report.ts';

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>;

const NS_PER_MS = 1e6;
/** V8 keeps bytecode and metadata of machine code in its trusted spaces. */
const CODE_SPACES = /^(?:code|trusted)_(?:large_object_)?space$/;

/** Creates a function that reports memory and event loop metrics of the current process. */
export function createProbe(): (request: ProbeRequest) => Promise<ProbeReport> {
  let delays: DelayHistogram | null = null;
  let utilization = performance.eventLoopUtilization();
  return async ({ collectGarbage }) => {
    const eventLoop = delays && describeEventLoop(delays, performance.eventLoopUtilization(utilization).utilization);
    if (collectGarbage) await collectTwice();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    delays ??= startDelayMonitor();
    // The collection itself must not count as event loop delay.
    delays.reset();
    utilization = performance.eventLoopUtilization();
    return {
      pid: process.pid,
      memory: {
        heapUsedBytes: heapUsed,
        codeBytes: sizeOfCode(),
        externalBytes: external,
        arrayBufferBytes: arrayBuffers,
        residentBytes: rss,
      },
      eventLoop,
      resources: countByName(process.getActiveResourcesInfo()),
    };
  };
}

function startDelayMonitor(): DelayHistogram {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  return histogram;
}

/** Converts a histogram in nanoseconds. Reports zeros when the monitor has recorded nothing. */
export function describeEventLoop(
  delays: Pick<DelayHistogram, 'count' | 'percentile' | 'max'>,
  utilization: number,
): NonNullable<ProbeReport['eventLoop']> {
  if (delays.count === 0) return { delayMedianMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilization };
  return {
    delayMedianMs: delays.percentile(50) / NS_PER_MS,
    delayP99Ms: delays.percentile(99) / NS_PER_MS,
    delayMaxMs: delays.max / NS_PER_MS,
    utilization,
  };
}

/** Runs two collections, because finalizers that run after the first one can release more objects. */
async function collectTwice(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}

function sizeOfCode(): number {
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => CODE_SPACES.test(space_name));
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, 0);
}

function countByName(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
