import { performance } from 'node:perf_hooks';
import { sampleProcesses } from '../../processes/sample-process.ts';
import type { LoadPlan } from '../load-plan.ts';
import type { LoadResult } from '../load-result.ts';
import { type Answer, createResponseCheck } from './check-response.ts';
import { createDistribution } from './distribution.ts';

/** Collects what happens. The window is what lies between `open` and `close`. */
export type Recorder = ReturnType<typeof createRecorder>;

export function createRecorder({ call, check, watch }: Pick<LoadPlan, 'call' | 'check' | 'watch'>) {
  const checkResponse = createResponseCheck(check, call.isStream === true);
  const latency = createDistribution();
  const firstToken = createDistribution();
  const gaps = createDistribution();
  const refusals = createDistribution();
  const statuses: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  const answersByProcess: Record<string, number> = {};
  let [answers, refused, tokens, wrong, unfinished] = [0, 0, 0, 0, 0];
  let openedAs: Reading | null = null;
  let closedAs: Reading | null = null;

  const noteWrong = (reason: string) => {
    wrong += 1;
    increment(reasons, reason);
  };
  return {
    open() {
      openedAs = read(watch);
    },
    close() {
      closedAs ??= read(watch);
    },
    firstToken: (ms: number) => firstToken.add(ms),
    tokens(count: number, gapMs: number | null) {
      if (!openedAs || closedAs) return;
      tokens += count;
      if (gapMs !== null) gaps.add(gapMs);
    },
    answer(answer: Answer, ms: number) {
      increment(statuses, String(answer.status));
      if (answer.process) increment(answersByProcess, answer.process.slice(answer.process.indexOf('/') + 1));
      const verdict = checkResponse(answer);
      if (verdict === 'right') {
        answers += 1;
        latency.add(ms);
      } else if (verdict === 'refused') {
        refused += 1;
        refusals.add(ms);
      } else if (verdict === 'cut off') unfinished += 1;
      else noteWrong(verdict);
    },
    failed: noteWrong,
    /** Cut off by us before anything came. */
    unanswered() {
      unfinished += 1;
    },
    result(): LoadResult {
      if (!openedAs || !closedAs) throw new Error('The load has ended before its window was over.');
      const { elapsedMs, cpuSeconds, generator } = between(openedAs, closedAs);
      return {
        elapsedMs,
        answers,
        answersPerSecond: (answers / elapsedMs) * 1_000,
        latency: latency.read(),
        firstToken: firstToken.read(),
        gaps: gaps.read(),
        tokens,
        tokensPerSecond: (tokens / elapsedMs) * 1_000,
        refusals: { count: refused, latency: refusals.read() },
        statuses,
        wrong: { count: wrong, reasons },
        unfinished,
        answersByProcess,
        cpuSeconds: watch.length > 0 ? cpuSeconds : null,
        generator,
      };
    },
  };
}

type Reading = ReturnType<typeof read>;

function read(watch: readonly number[]) {
  return {
    at: performance.now(),
    watchedCpuSeconds: sampleProcesses(watch).cpuSeconds,
    ownCpu: process.cpuUsage(),
    utilisation: performance.eventLoopUtilization(),
  };
}

function between(from: Reading, to: Reading) {
  const elapsedMs = to.at - from.at;
  const ownCpuMs = (to.ownCpu.user + to.ownCpu.system - from.ownCpu.user - from.ownCpu.system) / 1_000;
  return {
    elapsedMs,
    cpuSeconds: to.watchedCpuSeconds - from.watchedCpuSeconds,
    generator: {
      cpuShare: ownCpuMs / elapsedMs,
      eventLoopUtilisation: performance.eventLoopUtilization(to.utilisation, from.utilisation).utilization,
    },
  };
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
