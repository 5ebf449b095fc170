import { describeMachine, type Figures, reportVariants } from '@prodigon/lab';
import { chatCall } from '../common/chat-call.ts';
import { type Candidate, openBenchmark } from '../common/open-benchmark.ts';
import type { PartOptions } from '../common/part-options.ts';
import { plotVariants } from '../common/plot-variants.ts';
import { type Column, printVariants } from '../common/print-variants.ts';
import { writeReportableResult } from '../common/write-result.ts';
import { createAgent, measureSlice, type Slice } from './measure-slice.ts';

const CONNECTIONS = 64;
const SLICE_MS = 400;
const STREAMS = 20;
const STREAM_SLICE_MS = 200;
const TOKENS = 200;
const ROUNDS = 60;
const QUICK_ROUNDS = 5;
const WARM_UP_ROUNDS = 6;

const COLUMNS: readonly Column[] = [
  { figure: 'cpu_s_per_1000_requests', title: 'CPU s per 1,000 requests', isBetterWhen: 'less', hasRatio: true },
  { figure: 'cpu_s_per_1m_tokens', title: 'CPU s per 1M tokens', isBetterWhen: 'less', hasRatio: true },
];

/**
 * Compares a platform without API keys to one with a stored key, its limits per minute and its limit of streams, in the
 * memory of the gateway and in Redis. The key has no budget, so that no variant reserves one in the database.
 *
 * The differences are smaller than those that other load of the machine causes within seconds. The variants therefore
 * take turns in short slices, and the ratios of many rounds give an interval.
 */
export async function runLimits(options: PartOptions): Promise<void> {
  const { isQuick, signal, peers: only } = options;
  const machine = describeMachine();
  const { pin, variants, close } = await openBenchmark({
    peers: ['monolith', 'monolith-limits', 'monolith-redis', 'services', 'services-limits', 'services-redis'],
    only,
  });
  const started: Candidate[] = [];
  try {
    const measured = [];
    for (const { name, comparedWith, start } of variants) {
      signal.throwIfAborted();
      process.stdout.write(`starting ${name}\n`);
      const candidate = await start();
      started.push(candidate);
      pin.underTest(candidate.pids);
      const rounds: Figures[] = [];
      measured.push({ name, ...(comparedWith && { comparedWith }), rounds, measure: createMeasure(candidate) });
    }
    pin.helpers([process.pid]);
    const rounds = isQuick ? QUICK_ROUNDS : ROUNDS;
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      process.stdout.write(round < 0 ? 'warming up\n' : `round ${round + 1} of ${rounds}\n`);
      for (let turn = 0; turn < measured.length; turn += 1) {
        signal.throwIfAborted();
        const variant = measured[(turn + Math.max(0, round)) % measured.length];
        const figures = await variant?.measure();
        if (figures && round >= 0) variant?.rounds.push(figures);
      }
    }
    const reports = reportVariants(measured);
    printVariants(reports, COLUMNS);
    const conditions = { connections: CONNECTIONS, slice_ms: SLICE_MS, streams: STREAMS, tokens_each: TOKENS, rounds };
    const title = 'Complete responses with API keys and limits';
    const result = { ...machine, ...conditions, pinned: pin.description, variants: reports };
    writeReportableResult('limits', result, options, plotVariants(title, reports, COLUMNS));
  } finally {
    for (const candidate of started) await candidate.close();
    await close();
  }
}

function createMeasure(candidate: Candidate): () => Promise<Figures> {
  const common = { agent: createAgent(), pids: candidate.pids };
  const whole: Slice = {
    ...common,
    call: chatCall(candidate, `burst-${TOKENS}`, false),
    connections: CONNECTIONS,
    durationMs: SLICE_MS,
    end: '}',
  };
  const streamed: Slice = {
    ...common,
    call: chatCall(candidate, `burst-${TOKENS}`, true),
    connections: STREAMS,
    durationMs: STREAM_SLICE_MS,
    end: 'data: [DONE]\n\n',
  };
  return async () => ({
    cpu_s_per_1000_requests: (await measureSlice(whole)) * 1_000,
    cpu_s_per_1m_tokens: ((await measureSlice(streamed)) / TOKENS) * 1e6,
  });
}
