import { streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { type BenchmarkDefinition, runBenchmark } from '../common/run-benchmark.ts';

const STREAMS = 1_000;
const TOKENS_PER_S = 50;
const TIMES_MS = { rampMs: 4_000, settleMs: 2_000, durationMs: 8_000 };
const QUICK_TIMES_MS = { rampMs: 3_000, settleMs: 1_000, durationMs: 3_000 };

type Paced = Pick<BenchmarkDefinition, 'name' | 'peers' | 'isOneCpu'>;

/** nginx does not take part: it writes each token by itself, more than the generator can read with what the provider leaves it. */
export const runPaced = (options: PartOptions) =>
  run({ name: 'paced', peers: ['portkey', 'bare-1', 'monolith', 'bare-2', 'services'] }, options);

/** With one CPU for all, so that nobody can pass on all that comes. */
export const runPacedOneCpu = (options: PartOptions) =>
  run({ name: 'paced-one-cpu', peers: ['bare-2', 'services'], isOneCpu: true }, options);

/** How many of 1,000 streams' tokens arrive in time, and what they cost. */
async function run({ name, peers, isOneCpu = false }: Paced, options: PartOptions): Promise<void> {
  const times = options.isQuick ? QUICK_TIMES_MS : TIMES_MS;
  await runBenchmark(
    {
      name,
      title: `1,000 streams at ${TOKENS_PER_S} tokens a second${isOneCpu ? ', one CPU for all' : ''}`,
      peers,
      isOneCpu,
      // The streams of the round before may still be on their way out when the next ones come.
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
        const leftRunning = await candidate.settled(context.signal);
        const figures = {
          tokens_per_s: load.tokensPerSecond,
          ...(load.cpuSeconds !== null && { cpu_s_per_1m_tokens: (load.cpuSeconds / load.tokens) * 1e6 }),
          gap_median_ms: load.gaps?.median ?? Number.NaN,
          gap_p99_ms: load.gaps?.p99 ?? Number.NaN,
          ttft_median_ms: load.firstToken?.median ?? Number.NaN,
          ttft_p99_ms: load.firstToken?.p99 ?? Number.NaN,
          left_running: leftRunning,
          generator_busy_share: load.generator.eventLoopUtilisation,
        };
        return { figures, loads: [load] };
      },
    },
    options,
  );
}
