import { streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runContest } from '../common/run-contest.ts';

const STREAMS = 1_000;
const TOKENS_PER_S = 50;
/** Longer than any round. */
const MODEL = `paced-${TOKENS_PER_S}-10000`;
const TIMES_MS = { rampMs: 4_000, settleMs: 2_000, durationMs: 8_000 };
const QUICK_TIMES_MS = { rampMs: 3_000, settleMs: 1_000, durationMs: 3_000 };

/** How many of 1,000 streams' tokens arrive in time at the pace of a real model, and what they cost. */
export async function runPaced(options: PartOptions): Promise<void> {
  const times = options.isQuick ? QUICK_TIMES_MS : TIMES_MS;
  await runContest(
    {
      name: 'paced',
      title: '1,000 streams at 50 tokens a second',
      peers: ['direct', 'nginx', 'portkey', 'bare-1', 'monolith', 'bare-2', 'services'],
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
      ],
      async measure(contestant, context) {
        const load = await streamLoad({
          ...chatCall(contestant, MODEL, true),
          ...context,
          ...times,
          streams: STREAMS,
          watch: contestant.pids,
          check: { processes: contestant.processes },
        });
        await contestant.settled(context.signal);
        const figures = {
          tokens_per_s: load.tokensPerSecond,
          ...(load.cpuSeconds !== null && { cpu_s_per_1m_tokens: (load.cpuSeconds / load.tokens) * 1e6 }),
          gap_median_ms: load.gaps?.median ?? Number.NaN,
          gap_p99_ms: load.gaps?.p99 ?? Number.NaN,
          ttft_median_ms: load.firstToken?.median ?? Number.NaN,
          ttft_p99_ms: load.firstToken?.p99 ?? Number.NaN,
          generator_busy_share: load.generator.eventLoopUtilisation,
        };
        return { figures, loads: [load] };
      },
    },
    options,
  );
}
