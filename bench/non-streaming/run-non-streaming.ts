import { closedLoop } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';
import { COMPLETION_TOKENS, textOf } from '../provider/responses.ts';

const CONNECTIONS = 64;
const ROUND_MS = 5_000;
const QUICK_ROUND_MS = 2_000;

/** Measures the CPU time per non-streaming completion, with enough connections to saturate each candidate. */
export async function runNonStreaming(options: PartOptions): Promise<void> {
  const durationMs = options.isQuick ? QUICK_ROUND_MS : ROUND_MS;
  await runBenchmark(
    {
      name: 'non-streaming',
      title: 'Non-streaming completions over 64 connections',
      peers: ['direct', 'nginx', 'portkey', 'litellm', 'bare-1', 'monolith', 'bare-2', 'services'],
      conditions: { connections: CONNECTIONS, round_ms: durationMs },
      // A fast candidate can saturate the generator. CPU time per request does not depend on that.
      mayGeneratorSaturate: true,
      columns: [
        { figure: 'cpu_s_per_1000_requests', title: 'CPU s per 1,000 requests', isBetterWhen: 'less', hasRatio: true },
        { figure: 'requests_per_s', title: 'requests/s' },
        { figure: 'p99_ms', title: 'p99 ms' },
      ],
      async measure(candidate, context) {
        const load = await closedLoop({
          ...chatCall(candidate, 'burst-200', false),
          ...context,
          connections: CONNECTIONS,
          durationMs,
          watch: candidate.pids,
          check: { text: textOf(COMPLETION_TOKENS), processes: candidate.processes },
        });
        const figures = {
          ...(load.cpuSeconds !== null && { cpu_s_per_1000_requests: (load.cpuSeconds / load.responses) * 1_000 }),
          requests_per_s: load.responsesPerSecond,
          p99_ms: load.latency?.p99 ?? Number.NaN,
        };
        return { figures, loads: [load] };
      },
    },
    options,
  );
}
