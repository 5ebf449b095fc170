import { performance } from 'node:perf_hooks';
import { sampleProcesses } from '../../processes/sample-process.ts';
import type { LoadPlan } from '../load-plan.ts';
import type { LoadResult } from '../load-result.ts';
import { createResponseCheck, type ReceivedResponse } from './check-response.ts';
import { createDelayMonitor } from './delay-monitor.ts';
import { createDistribution } from './distribution.ts';

/** Collects the outcomes of a load. `open` and `close` delimit the measurement window. */
export type Recorder = ReturnType<typeof createRecorder>;

export function createRecorder({ call, check, watch }: Pick<LoadPlan, 'call' | 'check' | 'watch'>) {
  const checkResponse = createResponseCheck(check, call.isStream === true);
  const latency = createDistribution();
  const firstToken = createDistribution();
  const gaps = createDistribution();
  const rejections = createDistribution();
  const statuses: Record<string, number> = {};
  const reasons: Record<string, number> = {};
  const responsesByProcess: Record<string, number> = {};
  let [responses, rejected, tokens, wrong, unfinished] = [0, 0, 0, 0, 0];
  let atOpen: Reading | null = null;
  let atClose: Reading | null = null;
  let lastSentAt = Number.NaN;
  const delays = createDelayMonitor();

  const recordWrong = (reason: string) => {
    wrong += 1;
    increment(reasons, reason);
  };
  return {
    open() {
      atOpen = read(watch);
      delays.open();
    },
    close() {
      if (atClose) return;
      atClose = read(watch);
      delays.close();
    },
    recordSent() {
      lastSentAt = performance.now();
    },
    recordFirstToken: (ms: number) => firstToken.add(ms),
    recordTokens(count: number, gapMs: number | null) {
      if (!atOpen || atClose) return;
      tokens += count;
      if (gapMs !== null) gaps.add(gapMs);
    },
    recordResponse(response: ReceivedResponse, ms: number) {
      const { status, process } = response;
      increment(statuses, String(status));
      if (process) increment(responsesByProcess, process.split('/')[1] ?? '');
      const verdict = checkResponse(response);
      if (verdict === 'correct') {
        responses += 1;
        latency.add(ms);
      } else if (verdict === 'rejected') {
        rejected += 1;
        rejections.add(ms);
      } else if (verdict === 'cut off') unfinished += 1;
      else recordWrong(verdict);
    },
    recordFailure: recordWrong,
    /** Records a request that the generator cancelled before any response. */
    recordUnfinished() {
      unfinished += 1;
    },
    result(): LoadResult {
      if (!atOpen || !atClose) throw new Error('The load ended before its measurement window closed.');
      const { elapsedMs, cpuSeconds, generator } = between(atOpen, atClose);
      return {
        elapsedMs,
        sendingMs: lastSentAt > atOpen.at ? lastSentAt - atOpen.at : 0,
        responses,
        responsesPerSecond: (responses / elapsedMs) * 1_000,
        latency: latency.read(),
        firstToken: firstToken.read(),
        gaps: gaps.read(),
        tokens,
        tokensPerSecond: (tokens / elapsedMs) * 1_000,
        rejections: { count: rejected, latency: rejections.read() },
        statuses,
        wrong: { count: wrong, reasons },
        unfinished,
        responsesByProcess,
        cpuSeconds: watch.length > 0 ? cpuSeconds : null,
        generator: { ...generator, delayP99Ms: delays.readP99Ms() },
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
    utilization: performance.eventLoopUtilization(),
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
      eventLoopUtilization: performance.eventLoopUtilization(to.utilization, from.utilization).utilization,
    },
  };
}

function increment(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
