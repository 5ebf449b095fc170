import { streamLoad } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const STREAMS = 100;
const TOKENS = 200;
const TIMES = 10;
const QUICK_TIMES = 4;

/** Measures the CPU time per token when the provider sends tokens at full speed. */
export async function runBurst(options: PartOptions): Promise<void> {
  const times = options.isQuick ? QUICK_TIMES : TIMES;
  await runBenchmark(
    {
      name: 'burst',
      title: '100 streams of 200 tokens at full speed',
      peers: ['direct', 'nginx', 'portkey', 'litellm', 'bare-1', 'monolith', 'bare-2', 'services'],
      conditions: { streams: STREAMS, tokens_each: TOKENS, times },
      // CPU time per token does not depend on the capacity of the generator.
      mayGeneratorSaturate: true,
      columns: [
        { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens', isBetterWhen: 'less', hasRatio: true },
        { figure: 'tokens_per_s', title: 'tokens/s' },
        { figure: 'ttft_p99_ms', title: 'TTFT p99 ms' },
      ],
      async measure(candidate, context) {
        const load = await streamLoad({
          ...chatCall(candidate, `burst-${TOKENS}`, true),
          ...context,
          streams: STREAMS,
          times: Math.max(1, Math.round(times * (candidate.loadShare ?? 1))),
          watch: candidate.pids,
          check: { tokens: TOKENS, processes: candidate.processes },
        });
        const figures = {
          ...(load.cpuSeconds !== null && { cpu_s_per_1m_tokens: (load.cpuSeconds / load.tokens) * 1e6 }),
          tokens_per_s: load.tokensPerSecond,
          ttft_p99_ms: load.firstToken?.p99 ?? Number.NaN,
        };
        return { figures, loads: [load] };
      },
    },
    options,
  );
}
