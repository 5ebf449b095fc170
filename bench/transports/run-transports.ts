import { measureWholeAndStreamed } from '../common/measure-whole-and-streamed.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const CONNECTIONS = 16;
const ROUND_MS = 4_000;
const QUICK_ROUND_MS = 2_000;
const STREAMS = 100;
const TOKENS = 200;
const TIMES = 5;
const QUICK_TIMES = 2;

/** Compares the transports between the gateway and the model service, for complete responses and for streams in each round. */
export async function runTransports(options: PartOptions): Promise<void> {
  const durationMs = options.isQuick ? QUICK_ROUND_MS : ROUND_MS;
  const times = options.isQuick ? QUICK_TIMES : TIMES;
  await runBenchmark(
    {
      name: 'transports',
      title: 'Complete responses over 16 connections, by the transport to the model service',
      peers: ['in-process', 'http1', 'http2', 'grpc'],
      conditions: { connections: CONNECTIONS, round_ms: durationMs, streams: STREAMS, tokens_each: TOKENS, times },
      // CPU time per request and per token does not depend on the capacity of the generator.
      mayGeneratorSaturate: true,
      columns: [
        { figure: 'cpu_s_per_1000_requests', title: 'CPU s per 1,000 requests', isBetterWhen: 'less', hasRatio: true },
        { figure: 'p50_ms', title: 'p50 ms', hasRatio: true },
        { figure: 'p99_ms', title: 'p99 ms' },
        { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens', isBetterWhen: 'less', hasRatio: true },
        { figure: 'ttft_p50_ms', title: 'TTFT p50 ms', hasRatio: true },
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
