import { setTimeout as wait } from 'node:timers/promises';
import { MeasurementRejectedError, readProbe, streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { Candidate } from '../common/open-benchmark.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const STREAMS = 1_000;
/** Slow enough that no tokens queue up, so that the figure is the memory of the stream itself. */
const TOKENS_PER_S = 5;
const RAMP_MS = 3_000;
const SETTLE_MS = 2_000;
const POLL_INTERVAL_MS = 1_000;
const SAMPLES_MAX = 20;
/** Below this ratio to the previous sample, memory is still being released. */
const STEADY_SHARE = 0.995;

/** Measures live memory per open stream: the difference to the same processes without streams, after full collections. */
export async function runMemory(options: PartOptions): Promise<void> {
  await runBenchmark(
    {
      name: 'memory',
      title: '1,000 open streams',
      peers: ['portkey', 'bare-1', 'monolith', 'bare-2', 'services'],
      settings: { STREAMS_MAX: String(2 * STREAMS) },
      conditions: { streams: STREAMS, tokens_per_s_each: TOKENS_PER_S },
      columns: [
        { figure: 'kb_per_stream', title: 'kB per stream', isBetterWhen: 'less', hasRatio: true },
        { figure: 'idle_mb', title: 'idle MB' },
      ],
      async measure(candidate, context) {
        const idle = await idleBytes(candidate, context.signal);
        let open = Number.NaN;
        const load = await streamLoad({
          ...chatCall(candidate, `paced-${TOKENS_PER_S}-10000`, true),
          ...context,
          streams: STREAMS,
          rampMs: RAMP_MS,
          settleMs: SETTLE_MS,
          check: { processes: candidate.processes },
          whileOpen: async () => {
            open = await liveBytes(candidate);
          },
        });
        await candidate.drainStreams(context.signal);
        if (load.unfinished !== STREAMS)
          throw new MeasurementRejectedError(`Only ${load.unfinished} of ${STREAMS} streams were open at the end.`);
        return { figures: { kb_per_stream: (open - idle) / STREAMS / 1e3, idle_mb: idle / 1e6 }, loads: [load] };
      },
    },
    options,
  );
}

/** Returns live bytes when they are stable, after the previous round has released its memory, e.g. closing connections. */
async function idleBytes(candidate: Candidate, signal: AbortSignal): Promise<number> {
  let bytes = await liveBytes(candidate);
  for (let samples = 0; samples < SAMPLES_MAX; samples += 1) {
    await wait(POLL_INTERVAL_MS, null, { signal });
    const before = bytes;
    bytes = await liveBytes(candidate);
    if (bytes > STEADY_SHARE * before) break;
  }
  return bytes;
}

/** Returns heap and external memory of all processes of a candidate. */
async function liveBytes({ pids, probeDirectory }: Candidate): Promise<number> {
  const reports = await Promise.all(pids.map((pid) => readProbe(probeDirectory, pid)));
  return reports.reduce((sum, { memory }) => sum + memory.heapUsedBytes + memory.externalBytes, 0);
}
