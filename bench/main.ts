import { parseArgs } from 'node:util';
import { LabRefusal, untilInterrupted } from '@prodigon/lab';
import type { PartOptions } from './common/part-options.ts';

interface Part {
  readonly summary: string;
  /** Whether it has short rounds; else it is left out where those are asked for. */
  readonly hasQuick?: boolean;
  readonly load: () => Promise<(options: PartOptions) => Promise<void>>;
}

const INTERRUPTED_EXIT_CODE = 130;

/** Each part is loaded when it is its turn, so that what one needs does not weigh on another. */
const PARTS: Record<string, Part> = {
  'non-streaming': {
    summary: 'whole answers beside nginx, Portkey and bare proxies: CPU time a request',
    hasQuick: true,
    load: async () => (await import('./non-streaming/run-non-streaming.ts')).runNonStreaming,
  },
  burst: {
    summary: '100 streams as fast as they go: CPU time a token',
    hasQuick: true,
    load: async () => (await import('./burst/run-burst.ts')).runBurst,
  },
  paced: {
    summary: '1,000 streams at 50 tokens a second: how many arrive in time',
    hasQuick: true,
    load: async () => (await import('./paced/run-paced.ts')).runPaced,
  },
  'paced-one-cpu': {
    summary: 'the same with one CPU for all: how many arrive when more come than can',
    hasQuick: true,
    load: async () => (await import('./paced/run-paced.ts')).runPacedOneCpu,
  },
  overload: {
    summary: 'three times as many as can be served: TTFT of the admitted, time to a refusal',
    hasQuick: true,
    load: async () => (await import('./overload/run-overload.ts')).runOverload,
  },
  memory: {
    summary: 'live memory of an open stream, of 1,000',
    hasQuick: true,
    load: async () => (await import('./memory/run-memory.ts')).runMemory,
  },
  'cold-start': {
    summary: 'from the start of a process to its first answer, beside importing its packages',
    hasQuick: true,
    load: async () => (await import('./cold-start/run-cold-start.ts')).runColdStart,
  },
  queue: {
    summary: 'items per second beside BullMQ and pg-boss',
    load: async () => (await import('./job-queue/run-job-queue.ts')).runJobQueue,
  },
  'claim-scale': {
    summary: 'what a claim costs with a thousand and with a million items',
    load: async () => (await import('./claim-scale/run-claim-scale.ts')).runClaimScale,
  },
  leaving: {
    summary: 'how soon a provider sees that the caller has left',
    load: async () => (await import('./client-disconnect/run-client-disconnect.ts')).runLeaving,
  },
  'large-job': {
    summary: '50,000 lines taken, run and downloaded, with the memory of each process',
    load: async () => (await import('./large-job/run-large-job.ts')).runLargeJob,
  },
  recovery: {
    summary: 'how soon a killed worker, a restarted database and a drained gateway are over',
    hasQuick: true,
    load: async () => (await import('./recovery/run-recovery.ts')).runRecovery,
  },
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    'tolerate-load': { type: 'boolean', default: false },
    peer: { type: 'string', multiple: true, default: [] },
  },
});
const unknown = values.only?.filter((name) => !(name in PARTS)) ?? [];
if (unknown.length > 0) {
  const list = Object.entries(PARTS).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`);
  process.stderr.write(`There is no part "${unknown[0]}". There are:\n${list.join('\n')}\n`);
  process.exit(2);
}

/** Runs what is asked for. Resolves with how many parts a guard refused. */
async function runParts(signal: AbortSignal): Promise<number> {
  const options: PartOptions = {
    isQuick: values.quick,
    toleratesLoad: values['tolerate-load'],
    peers: values.peer,
    signal,
  };
  let refused = 0;
  for (const [name, { summary, hasQuick = false, load }] of Object.entries(PARTS)) {
    const isAsked = values.only ? values.only.includes(name) : hasQuick || !options.isQuick;
    if (!isAsked) continue;
    process.stdout.write(`\n${name}: ${summary}\n`);
    const run = await load();
    try {
      await run(options);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof LabRefusal)) throw error;
      process.stderr.write(`Not reported. ${error.message}\n`);
      refused += 1;
    }
  }
  return refused;
}

const exitCode = await untilInterrupted((signal) =>
  runParts(signal).then(
    (refused) => (refused > 0 ? 1 : 0),
    (error) => {
      if (!signal.aborted) throw error;
      process.stderr.write(`${signal.reason.message}\n`);
      return INTERRUPTED_EXIT_CODE;
    },
  ),
);
process.exit(exitCode);
