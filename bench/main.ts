import { parseArgs } from 'node:util';
import { MeasurementRejectedError, untilInterrupted } from '@prodigon/lab';
import type { PartOptions } from './common/part-options.ts';
import { selectBenchmarks } from './common/select-benchmarks.ts';

interface Benchmark {
  readonly summary: string;
  /** Whether it has short rounds; `--quick` runs only those. */
  readonly hasQuick?: boolean;
  readonly load: () => Promise<(options: PartOptions) => Promise<void>>;
}

const INTERRUPTED_EXIT_CODE = 130;

/** Each benchmark is loaded when it starts, so that its imports do not affect the others. */
const BENCHMARKS: Record<string, Benchmark> = {
  'non-streaming': {
    summary: 'non-streaming completions compared with nginx, Portkey, LiteLLM and bare proxies: CPU time per request',
    hasQuick: true,
    load: async () => (await import('./non-streaming/run-non-streaming.ts')).runNonStreaming,
  },
  responses: {
    summary: '/v1/responses compared with chat completions: CPU time per request',
    hasQuick: true,
    load: async () => (await import('./responses/run-responses.ts')).runResponses,
  },
  burst: {
    summary: '100 streams at full speed: CPU time per token',
    hasQuick: true,
    load: async () => (await import('./burst/run-burst.ts')).runBurst,
  },
  nginx: {
    summary: 'first token of a stream through the reverse proxy compared with the gateway itself',
    hasQuick: true,
    load: async () => (await import('./nginx/run-nginx.ts')).runNginx,
  },
  transports: {
    summary: 'the transports to the model service: CPU time and latency of complete responses and streams',
    hasQuick: true,
    load: async () => (await import('./transports/run-transports.ts')).runTransports,
  },
  limits: {
    summary: 'API keys and limits, in memory and in Redis: CPU time compared with a platform without them',
    hasQuick: true,
    load: async () => (await import('./limits/run-limits.ts')).runLimits,
  },
  paced: {
    summary: '1,000 streams at 50 tokens a second: share of tokens that arrive in time',
    hasQuick: true,
    load: async () => (await import('./paced/run-paced.ts')).runPaced,
  },
  'paced-one-cpu': {
    summary: 'the same on one CPU, which cannot deliver all tokens',
    hasQuick: true,
    load: async () => (await import('./paced/run-paced.ts')).runPacedOneCpu,
  },
  overload: {
    summary: 'three times the capacity: TTFT of admitted requests, latency of rejections',
    hasQuick: true,
    load: async () => (await import('./overload/run-overload.ts')).runOverload,
  },
  memory: {
    summary: 'live memory per open stream, with 1,000 streams',
    hasQuick: true,
    load: async () => (await import('./memory/run-memory.ts')).runMemory,
  },
  'cold-start': {
    summary: 'from the start of a process to its first response, compared with importing its packages',
    hasQuick: true,
    load: async () => (await import('./cold-start/run-cold-start.ts')).runColdStart,
  },
  queue: {
    summary: 'items per second compared with BullMQ and pg-boss',
    load: async () => (await import('./job-queue/run-job-queue.ts')).runJobQueue,
  },
  'redis-queue': {
    summary: 'items per second with QUEUE_TYPE=postgres, QUEUE_TYPE=redis, and a signal of BullMQ for each item',
    load: async () => (await import('./job-queue/run-redis-queue.ts')).runRedisQueue,
  },
  'claim-scale': {
    summary: 'duration of a claim with a thousand to a million items',
    load: async () => (await import('./claim-scale/run-claim-scale.ts')).runClaimScale,
  },
  leaving: {
    summary: 'time until a provider sees a client disconnect',
    load: async () => (await import('./client-disconnect/run-client-disconnect.ts')).runClientDisconnect,
  },
  'event-loop': {
    summary: 'longest gap of a stream while the heaviest requests run',
    hasQuick: true,
    load: async () => (await import('./event-loop/run-event-loop.ts')).runEventLoop,
  },
  'large-job': {
    summary: '50,000 lines submitted, run and downloaded, with the memory of each process',
    load: async () => (await import('./large-job/run-large-job.ts')).runLargeJob,
  },
  scale: {
    summary: 'items per second by workers, CPU time per request and its distribution by gateways',
    load: async () => (await import('./scale/run-scale.ts')).runScale,
  },
  'shared-port': {
    summary: 'ways to share a port between two processes: distribution, CPU time, connections lost in a crash',
    hasQuick: true,
    load: async () => (await import('./shared-port/run-shared-port.ts')).runSharedPort,
  },
  recovery: {
    summary: 'time to recover from a killed worker, a restarted database and a drained gateway',
    hasQuick: true,
    load: async () => (await import('./recovery/run-recovery.ts')).runRecovery,
  },
};

const USAGE = `Usage: npm run bench -- [options]

Measures, and writes the results to bench/results/.

Options:
  --only <names>    the benchmarks to run, separated by commas; all by default
  --quick           short rounds, whose figures are printed but not written
  --peer <name>     restricts the candidates; repeatable. The figures are not written
  --tolerate-load   measures although other programs use the machine. The figures are not written

Benchmarks:
${Object.entries(BENCHMARKS)
  .map(([name, { summary }]) => `  ${name.padEnd(16)}${summary}`)
  .join('\n')}
`;

/** Prints the usage and ends the process. */
function exitWithUsage(problem?: string): never {
  if (problem === undefined) process.stdout.write(USAGE);
  else process.stderr.write(`${problem}\n\n${USAGE}`);
  process.exit(problem === undefined ? 0 : 2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean', default: false },
        'tolerate-load': { type: 'boolean', default: false },
        peer: { type: 'string', multiple: true, default: [] },
      },
    }).values;
  } catch (error) {
    return exitWithUsage((error as Error).message);
  }
}

const values = readOptions();
if (values.help) exitWithUsage();
const selection = selectBenchmarks(values.only, Object.keys(BENCHMARKS));
if ('unknown' in selection) exitWithUsage(`Unknown benchmark: ${selection.unknown.map((name) => `"${name}"`).join(', ')}.`);
const { selected } = selection;

/** Runs the selected benchmarks. Resolves with the number of rejected measurements. */
async function runBenchmarks(signal: AbortSignal): Promise<number> {
  const options: PartOptions = {
    isQuick: values.quick,
    toleratesLoad: values['tolerate-load'],
    peers: values.peer,
    signal,
  };
  let rejected = 0;
  for (const [name, { summary, hasQuick = false, load }] of Object.entries(BENCHMARKS)) {
    const isSelected = selected ? selected.includes(name) : hasQuick || !options.isQuick;
    if (!isSelected) continue;
    process.stdout.write(`\n${name}: ${summary}\n`);
    const run = await load();
    try {
      await run(options);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MeasurementRejectedError)) throw error;
      process.stderr.write(`Measurement rejected: ${error.message}\n`);
      rejected += 1;
    }
  }
  return rejected;
}

const exitCode = await untilInterrupted((signal) =>
  runBenchmarks(signal).then(
    (rejected) => (rejected > 0 ? 1 : 0),
    (error) => {
      if (!signal.aborted) throw error;
      process.stderr.write(`${signal.reason.message}\n`);
      return INTERRUPTED_EXIT_CODE;
    },
  ),
);
process.exit(exitCode);
