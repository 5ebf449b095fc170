import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ProbeQuestion, ProbeReport } from './probe-report.ts';

type DelayHistogram = ReturnType<typeof monitorEventLoopDelay>;

const NS_PER_MS = 1e6;
/** The trusted spaces hold bytecode and what belongs to machine code. */
const CODE_SPACES = /^(?:code|trusted)_(?:large_object_)?space$/;

/** Answers questions about the process that it is in. */
export function createProbe(): (question: ProbeQuestion) => Promise<ProbeReport> {
  let delays: DelayHistogram | null = null;
  let utilisation = performance.eventLoopUtilization();
  return async ({ collectGarbage }) => {
    const eventLoop = delays && describe(delays, performance.eventLoopUtilization(utilisation).utilization);
    if (collectGarbage) await collectEverything();
    const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
    delays ??= startWatch();
    // What the question itself cost is nobody's delay.
    delays.reset();
    utilisation = performance.eventLoopUtilization();
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

function startWatch(): DelayHistogram {
  const histogram = monitorEventLoopDelay({ resolution: 10 });
  histogram.enable();
  return histogram;
}

function describe(delays: DelayHistogram, utilisation: number): ProbeReport['eventLoop'] {
  if (delays.count === 0) return { delayMedianMs: 0, delayP99Ms: 0, delayMaxMs: 0, utilisation };
  return {
    delayMedianMs: delays.percentile(50) / NS_PER_MS,
    delayP99Ms: delays.percentile(99) / NS_PER_MS,
    delayMaxMs: delays.max / NS_PER_MS,
    utilisation,
  };
}

/** Twice: what is finalised after the first collection may have held other things. */
async function collectEverything(): Promise<void> {
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
