import { measureWholeAndStreamed } from '../common/measure-whole-and-streamed.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const CONNECTIONS = 64;
const ROUND_MS = 4_000;
const QUICK_ROUND_MS = 2_000;
const STREAMS = 100;
const TOKENS = 200;
const TIMES = 5;
const QUICK_TIMES = 2;

/** Compares a platform without API keys to one with a key and limits, in the memory of the gateway and in Redis. */
export async function runLimits(options: PartOptions): Promise<void> {
  const durationMs = options.isQuick ? QUICK_ROUND_MS : ROUND_MS;
  const times = options.isQuick ? QUICK_TIMES : TIMES;
  await runBenchmark(
    {
      name: 'limits',
      title: 'Complete responses with API keys and limits',
      peers: ['monolith', 'monolith-limits', 'monolith-redis', 'services', 'services-limits', 'services-redis'],
      conditions: { connections: CONNECTIONS, round_ms: durationMs, streams: STREAMS, tokens_each: TOKENS, times },
      // CPU time per request and per token does not depend on the capacity of the generator.
      mayGeneratorSaturate: true,
      columns: [
        { figure: 'cpu_s_per_1000_requests', title: 'CPU s per 1,000 requests', isBetterWhen: 'less', hasRatio: true },
        { figure: 'p99_ms', title: 'p99 ms' },
        { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens', isBetterWhen: 'less', hasRatio: true },
        { figure: 'ttft_p99_ms', title: 'TTFT p99 ms' },
      ],
      measure: (candidate, context) =>
        measureWholeAndStreamed(candidate, context, {
          connections: CONNECTIONS,
          durationMs,
          streams: STREAMS,
          tokens: TOKENS,
          times,
        }),
    },
    options,
  );
}
