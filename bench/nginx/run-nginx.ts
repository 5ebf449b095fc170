import { type LoadResult, openLoop, quantile } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';

const STREAMS_PER_S = 20;
const TOKENS = 25;
const CONNECTIONS = 64;
const WINDOW_MS = 5_000;
const WINDOWS = 4;
const QUICK_WINDOWS = 1;

interface Pair {
  readonly direct: LoadResult;
  readonly nginx: LoadResult;
}

/**
 * Measures how much later the first token of a stream arrives through nginx than directly from the same gateway. Both loads
 * run concurrently, so that other load of the machine affects both alike.
 */
export async function runNginx(options: PartOptions): Promise<void> {
  const windows = options.isQuick ? QUICK_WINDOWS : WINDOWS;
  await runBenchmark(
    {
      name: 'nginx',
      peers: ['behind-nginx'],
      conditions: { streams_per_s: STREAMS_PER_S, tokens_each: TOKENS, windows, window_ms: WINDOW_MS },
      columns: [
        { figure: 'direct_ttft_median_ms', title: 'direct: TTFT ms' },
        { figure: 'direct_ttft_p99_ms', title: 'direct: p99 ms' },
        { figure: 'nginx_ttft_median_ms', title: 'nginx: TTFT ms' },
        { figure: 'nginx_ttft_p99_ms', title: 'nginx: p99 ms' },
        { figure: 'added_median_ms', title: 'added to the median, ms' },
        { figure: 'added_p99_ms', title: 'added to the p99, ms' },
      ],
      async measure(candidate, context) {
        const { url, directUrl = '', processes } = candidate;
        const load = (address: string) =>
          openLoop({
            ...chatCall({ ...candidate, url: address }, `burst-${TOKENS}`, true),
            ...context,
            ratePerSecond: STREAMS_PER_S,
            durationMs: WINDOW_MS,
            connections: CONNECTIONS,
            check: { tokens: TOKENS, processes },
          });
        const pairs: Pair[] = [];
        for (let window = 0; window < windows; window += 1) {
          const [direct, nginx] = await Promise.all([load(directUrl), load(url)]);
          pairs.push({ direct, nginx });
        }
        return { figures: figuresOf(pairs), loads: pairs.flatMap(({ direct, nginx }) => [direct, nginx]) };
      },
    },
    options,
  );
}

/** Returns medians over the pairs of windows. */
function figuresOf(pairs: readonly Pair[]) {
  const medianOf = (figure: (pair: Pair) => number) => quantile(pairs.map(figure), 0.5);
  const median = ({ firstToken }: LoadResult) => firstToken?.median ?? Number.NaN;
  const p99 = ({ firstToken }: LoadResult) => firstToken?.p99 ?? Number.NaN;
  return {
    direct_ttft_median_ms: medianOf(({ direct }) => median(direct)),
    direct_ttft_p99_ms: medianOf(({ direct }) => p99(direct)),
    nginx_ttft_median_ms: medianOf(({ nginx }) => median(nginx)),
    nginx_ttft_p99_ms: medianOf(({ nginx }) => p99(nginx)),
    added_median_ms: medianOf(({ direct, nginx }) => median(nginx) - median(direct)),
    added_p99_ms: medianOf(({ direct, nginx }) => p99(nginx) - p99(direct)),
  };
}
