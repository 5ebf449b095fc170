import { closedLoop, openLoop } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const TOKENS = 100;
const TIMES_CAPACITY = 3;
/** As many as keep a process busy: beyond them, each further stream makes all of them later. */
const STREAMS_MAX = 64;
const CONNECTIONS = 1_000;
const CAPACITY_MS = 3_000;
const OVERLOAD_MS = 5_000;
const QUICK_MS = 1_500;

/** How those who are admitted and those who are refused fare when three times as many come as can be served. */
export async function runOverload(options: PartOptions): Promise<void> {
  await runBenchmark(
    {
      name: 'overload',
      title: 'Three times as many streams as can be served',
      peers: ['monolith', 'services'],
      settings: { STREAMS_MAX: String(STREAMS_MAX) },
      conditions: { tokens_each: TOKENS, times_capacity: TIMES_CAPACITY, connections: CONNECTIONS },
      columns: [
        { figure: 'admitted_ttft_p99_ms', title: 'admitted: TTFT p99 ms', isBetterWhen: 'less' },
        { figure: 'admitted_ttft_median_ms', title: 'admitted: TTFT ms' },
        { figure: 'refused_p99_ms', title: 'refused: p99 ms' },
        { figure: 'refused_median_ms', title: 'refused: ms' },
        { figure: 'refused_share', title: 'refused share' },
        { figure: 'capacity_per_s', title: 'capacity, streams/s' },
        { figure: 'admitted_per_s', title: 'admitted/s' },
      ],
      async measure(candidate, context) {
        const common = {
          ...chatCall(candidate, `burst-${TOKENS}`, true),
          ...context,
          check: { refusals: [503], tokens: TOKENS, processes: candidate.processes },
        };
        const capacity = await closedLoop({
          ...common,
          connections: STREAMS_MAX,
          durationMs: options.isQuick ? QUICK_MS : CAPACITY_MS,
        });
        const overload = await openLoop({
          ...common,
          connections: CONNECTIONS,
          ratePerSecond: TIMES_CAPACITY * capacity.answersPerSecond,
          durationMs: options.isQuick ? QUICK_MS : OVERLOAD_MS,
        });
        const { answers, answersPerSecond, firstToken, refusals } = overload;
        const figures = {
          admitted_ttft_p99_ms: firstToken?.p99 ?? Number.NaN,
          admitted_ttft_median_ms: firstToken?.median ?? Number.NaN,
          refused_p99_ms: refusals.latency?.p99 ?? Number.NaN,
          refused_median_ms: refusals.latency?.median ?? Number.NaN,
          refused_share: refusals.count / (refusals.count + answers),
          capacity_per_s: capacity.answersPerSecond,
          admitted_per_s: answersPerSecond,
        };
        return { figures, loads: [capacity, overload] };
      },
    },
    options,
  );
}
