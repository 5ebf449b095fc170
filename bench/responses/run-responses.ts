import { closedLoop } from '@prodigon/lab';
import type { PartOptions } from '../common/part-options.ts';
import { runBenchmark } from '../common/run-benchmark.ts';
import { COMPLETION_TOKENS, textOf } from '../provider/responses.ts';
import { REQUEST_PAIRS, type RequestPair } from './request-pairs.ts';

const CONNECTIONS = 64;
/** Short, and alternating, so that a change of the machine's speed affects both endpoints. */
const WINDOW_MS = 1_000;
const WINDOWS = 3;
const QUICK_WINDOWS = 1;

/** Measures the CPU time of a response relative to that of a chat completion with the same content, without streaming. */
export async function runResponses(options: PartOptions): Promise<void> {
  const windows = options.isQuick ? QUICK_WINDOWS : WINDOWS;
  await runBenchmark(
    {
      name: 'responses',
      title: 'CPU time of /v1/responses relative to chat completions',
      peers: ['monolith', 'services'],
      conditions: { connections: CONNECTIONS, windows, window_ms: WINDOW_MS },
      // A fast candidate can saturate the generator. CPU time per request does not depend on that.
      mayGeneratorSaturate: true,
      columns: REQUEST_PAIRS.map(({ name }, index) => ({
        figure: figureOf(name),
        title: `${name}: CPU relative to chat`,
        ...(index === 0 && { isBetterWhen: 'less' }),
      })),
      async measure({ url, headers, pids, processes }, context) {
        const load = (path: string, body: string) =>
          closedLoop({
            ...context,
            url: `${url}/v1/${path}`,
            headers: { ...headers, 'content-type': 'application/json' },
            body,
            connections: CONNECTIONS,
            durationMs: WINDOW_MS,
            watch: pids,
            check: { text: textOf(COMPLETION_TOKENS), processes },
          });
        const measurePair = async ({ name, chat, response }: RequestPair) => {
          const loads = { chat: [], response: [] } as Record<'chat' | 'response', Awaited<ReturnType<typeof load>>[]>;
          for (let window = 0; window < windows; window += 1) {
            loads.chat.push(await load('chat/completions', chat));
            loads.response.push(await load('responses', response));
          }
          const ratio = cpuPerResponse(loads.response) / cpuPerResponse(loads.chat);
          return { figure: [figureOf(name), ratio] as const, loads: [...loads.chat, ...loads.response] };
        };
        const pairs = [];
        for (const pair of REQUEST_PAIRS) pairs.push(await measurePair(pair));
        return { figures: Object.fromEntries(pairs.map(({ figure }) => figure)), loads: pairs.flatMap(({ loads }) => loads) };
      },
    },
    options,
  );
}

const figureOf = (name: string) => `${name.replaceAll(' ', '_')}_ratio`;

/** Returns the CPU seconds per response; NaN on a machine that does not report them. */
function cpuPerResponse(loads: readonly { cpuSeconds: number | null; responses: number }[]): number {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return sum(loads.map(({ cpuSeconds }) => cpuSeconds ?? Number.NaN)) / sum(loads.map(({ responses }) => responses));
}
