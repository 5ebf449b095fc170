import { streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runContest } from '../common/run-contest.ts';
import type { PeerId } from '../peers/create-peers.ts';

const STREAMS = 1_000;
const TIMES_MS = { rampMs: 4_000, settleMs: 2_000, durationMs: 8_000 };
const QUICK_TIMES_MS = { rampMs: 3_000, settleMs: 1_000, durationMs: 3_000 };

interface Paced {
  readonly name: string;
  readonly tokensPerSecond: 50 | 100;
  readonly peers: readonly PeerId[];
}

/** At the pace of a common model. nginx writes each token by itself, more than the generator can read on its half of a core. */
export const runPaced = (options: PartOptions) =>
  run({ name: 'paced', tokensPerSecond: 50, peers: ['portkey', 'bare-1', 'monolith', 'bare-2', 'services'] }, options);

/** At twice that pace, which is more than these can pass on with one core; with one hop it is the generator that cannot keep up. */
export const runPacedFast = (options: PartOptions) =>
  run({ name: 'paced-fast', tokensPerSecond: 100, peers: ['bare-2', 'services'] }, options);

/** How many of 1,000 streams' tokens arrive in time, and what they cost. */
async function run({ name, tokensPerSecond, peers }: Paced, options: PartOptions): Promise<void> {
  const times = options.isQuick ? QUICK_TIMES_MS : TIMES_MS;
  await runContest(
    {
      name,
      title: `1,000 streams at ${tokensPerSecond} tokens a second`,
      peers,
      // The streams of the round before may still be on their way out when the next ones come.
      settings: { STREAMS_MAX: String(2 * STREAMS) },
      conditions: { streams: STREAMS, tokens_per_s_each: tokensPerSecond, ramp_ms: times.rampMs, round_ms: times.durationMs },
      columns: [
        { figure: 'tokens_per_s', title: 'tokens/s', isBetterWhen: 'more', hasRatio: true },
        { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens' },
        { figure: 'gap_median_ms', title: 'gap ms' },
        { figure: 'gap_p99_ms', title: 'gap p99 ms' },
        { figure: 'ttft_median_ms', title: 'TTFT ms' },
        { figure: 'ttft_p99_ms', title: 'TTFT p99 ms' },
        { figure: 'left_running', title: 'streams left running' },
      ],
      async measure(contestant, context) {
        const load = await streamLoad({
          // Longer than any round.
          ...chatCall(contestant, `paced-${tokensPerSecond}-10000`, true),
          ...context,
          ...times,
          streams: STREAMS,
          watch: contestant.pids,
          check: { processes: contestant.processes },
        });
        const leftRunning = await contestant.settled(context.signal);
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
