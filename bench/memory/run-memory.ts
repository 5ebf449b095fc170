import { setTimeout as wait } from 'node:timers/promises';
import { MeasurementRejectedError, readProbe, streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { Candidate } from '../common/open-benchmark.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const STREAMS = 1_000;
/** Slow enough that nothing waits to be sent, so that what is counted is what a stream needs. */
const TOKENS_PER_S = 5;
const RAMP_MS = 3_000;
const SETTLE_MS = 2_000;
const LOOK_EVERY_MS = 1_000;
const LOOKS_MAX = 20;
/** Less than this of the look before, and memory is still being given back. */
const STEADY_SHARE = 0.995;

/** What an open stream takes of live memory: after a full collection, beyond what the same processes need without streams. */
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
        await candidate.settled(context.signal);
        if (load.unfinished !== STREAMS)
          throw new MeasurementRejectedError(`Of ${STREAMS} streams ${load.unfinished} were open at the end.`);
        return { figures: { kb_per_stream: (open - idle) / STREAMS / 1e3, idle_mb: idle / 1e6 }, loads: [load] };
      },
    },
    options,
  );
}

/** Once what the round before has left behind, e.g. connections that are being closed, has gone. */
async function idleBytes(candidate: Candidate, signal: AbortSignal): Promise<number> {
  let bytes = await liveBytes(candidate);
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    await wait(LOOK_EVERY_MS, null, { signal });
    const before = bytes;
    bytes = await liveBytes(candidate);
    if (bytes > STEADY_SHARE * before) break;
  }
  return bytes;
}

/** In V8's heap and outside of it, over all of its processes. */
async function liveBytes({ pids, probes }: Candidate): Promise<number> {
  const reports = await Promise.all(pids.map((pid) => readProbe(probes, pid)));
  return reports.reduce((sum, { memory }) => sum + memory.heapUsedBytes + memory.externalBytes, 0);
}
