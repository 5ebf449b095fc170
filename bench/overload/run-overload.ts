import { closedLoop, openLoop } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const TOKENS = 100;
const TIMES_CAPACITY = 3;
/** Enough streams to saturate a process. More streams would delay all of them. */
const STREAMS_MAX = 64;
const CONNECTIONS = 1_000;
const CAPACITY_MS = 3_000;
const OVERLOAD_MS = 5_000;
const QUICK_MS = 1_500;

/** Measures admitted and rejected requests at three times the sustainable rate. */
export async function runOverload(options: PartOptions): Promise<void> {
  await runBenchmark(
    {
      name: 'overload',
      title: 'Three times the sustainable number of streams',
      peers: ['monolith', 'services'],
      settings: { STREAMS_MAX: String(STREAMS_MAX) },
      conditions: { tokens_each: TOKENS, times_capacity: TIMES_CAPACITY, connections: CONNECTIONS },
      columns: [
        { figure: 'admitted_ttft_p99_ms', title: 'admitted: TTFT p99 ms', isBetterWhen: 'less' },
        { figure: 'admitted_ttft_median_ms', title: 'admitted: TTFT ms' },
        { figure: 'refused_p99_ms', title: 'rejected: p99 ms' },
        { figure: 'refused_median_ms', title: 'rejected: ms' },
        { figure: 'refused_share', title: 'rejected share' },
        { figure: 'capacity_per_s', title: 'capacity, streams/s' },
        { figure: 'admitted_per_s', title: 'admitted/s' },
      ],
      async measure(candidate, context) {
        const common = {
          ...chatCall(candidate, `burst-${TOKENS}`, true),
          ...context,
          check: { rejections: [503], tokens: TOKENS, processes: candidate.processes },
        };
        const capacity = await closedLoop({
          ...common,
          connections: STREAMS_MAX,
          durationMs: options.isQuick ? QUICK_MS : CAPACITY_MS,
        });
        const overload = await openLoop({
          ...common,
          connections: CONNECTIONS,
          ratePerSecond: TIMES_CAPACITY * capacity.responsesPerSecond,
          durationMs: options.isQuick ? QUICK_MS : OVERLOAD_MS,
        });
        const { responses, responsesPerSecond, firstToken, rejections } = overload;
        const figures = {
          admitted_ttft_p99_ms: firstToken?.p99 ?? Number.NaN,
          admitted_ttft_median_ms: firstToken?.median ?? Number.NaN,
          refused_p99_ms: rejections.latency?.p99 ?? Number.NaN,
          refused_median_ms: rejections.latency?.median ?? Number.NaN,
          refused_share: rejections.count / (rejections.count + responses),
          capacity_per_s: capacity.responsesPerSecond,
          admitted_per_s: responsesPerSecond,
        };
        return { figures, loads: [capacity, overload] };
      },
    },
    options,
  );
}
