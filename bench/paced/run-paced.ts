import { streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { type BenchmarkDefinition, runBenchmark } from '../common/run-benchmark.ts';

const STREAMS = 1_000;
const TOKENS_PER_S = 50;
const TIMES_MS = { rampMs: 4_000, settleMs: 2_000, durationMs: 8_000 };
const QUICK_TIMES_MS = { rampMs: 3_000, settleMs: 1_000, durationMs: 3_000 };

type Paced = Pick<BenchmarkDefinition, 'name' | 'peers' | 'isOneCpu'>;

/** Measures paced streams. Omits nginx, whose separate write per token would saturate the CPU of the generator and the provider. */
export const runPaced = (options: PartOptions) =>
  run({ name: 'paced', peers: ['portkey', 'bare-1', 'monolith', 'bare-2', 'services'] }, options);

/** Measures paced streams with one CPU for all processes, which no candidate can serve completely. */
export const runPacedOneCpu = (options: PartOptions) =>
  run({ name: 'paced-one-cpu', peers: ['bare-2', 'services'], isOneCpu: true }, options);

/** Measures the rate at which the tokens of 1,000 streams arrive, and their CPU time. */
async function run({ name, peers, isOneCpu = false }: Paced, options: PartOptions): Promise<void> {
  const times = options.isQuick ? QUICK_TIMES_MS : TIMES_MS;
  await runBenchmark(
    {
      name,
      title: `1,000 streams at ${TOKENS_PER_S} tokens a second${isOneCpu ? ', one CPU for all' : ''}`,
      peers,
      isOneCpu,
      // Streams of the previous round can still be closing when the next round starts.
      settings: { STREAMS_MAX: String(2 * STREAMS) },
      conditions: { streams: STREAMS, tokens_per_s_each: TOKENS_PER_S, ramp_ms: times.rampMs, round_ms: times.durationMs },
      columns: [
        { figure: 'tokens_per_s', title: 'tokens/s', isBetterWhen: 'more', hasRatio: true },
        { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens' },
        { figure: 'gap_median_ms', title: 'gap ms' },
        { figure: 'gap_p99_ms', title: 'gap p99 ms' },
        { figure: 'ttft_median_ms', title: 'TTFT ms' },
        { figure: 'ttft_p99_ms', title: 'TTFT p99 ms' },
        { figure: 'left_running', title: 'streams left running' },
      ],
      async measure(candidate, context) {
        const load = await streamLoad({
          // Longer than any round.
          ...chatCall(candidate, `paced-${TOKENS_PER_S}-10000`, true),
          ...context,
          ...times,
          streams: STREAMS,
          watch: candidate.pids,
          check: { processes: candidate.processes },
        });
        const leftRunning = await candidate.drainStreams(context.signal);
        const figures = {
          tokens_per_s: load.tokensPerSecond,
          ...(load.cpuSeconds !== null && { cpu_s_per_1m_tokens: (load.cpuSeconds / load.tokens) * 1e6 }),
          gap_median_ms: load.gaps?.median ?? Number.NaN,
          gap_p99_ms: load.gaps?.p99 ?? Number.NaN,
          ttft_median_ms: load.firstToken?.median ?? Number.NaN,
          ttft_p99_ms: load.firstToken?.p99 ?? Number.NaN,
          left_running: leftRunning,
          generator_busy_share: load.generator.eventLoopUtilization,
        };
        return { figures, loads: [load] };
      },
    },
    options,
  );
}
