import { measureWholeAndStreamed } from '../common/measure-whole-and-streamed.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const CONNECTIONS = 64;
const ROUND_MS = 1_500;
const STREAMS = 100;
const TOKENS = 200;
/** How often each stream is repeated. */
const TIMES = 1;
/** Many short rounds give a narrower interval than few long ones, because other load changes within seconds. */
const ROUNDS = 30;
const QUICK_ROUNDS = 5;

/**
 * Compares a platform without API keys to one with a stored key, its limits per minute and its limit of streams, in the
 * memory of the gateway and in Redis. The key has no budget, so that no variant reserves one in the database.
 */
export async function runLimits(options: PartOptions): Promise<void> {
  await runBenchmark(
    {
      name: 'limits',
      title: 'Complete responses with API keys and limits',
      peers: ['monolith', 'monolith-limits', 'monolith-redis', 'services', 'services-limits', 'services-redis'],
      rounds: options.isQuick ? QUICK_ROUNDS : ROUNDS,
      toleratesLoad: true,
      conditions: { connections: CONNECTIONS, round_ms: ROUND_MS, streams: STREAMS, tokens_each: TOKENS, times: TIMES },
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
          durationMs: ROUND_MS,
          streams: STREAMS,
          tokens: TOKENS,
          times: TIMES,
        }),
    },
    options,
  );
}
