import type { LoadResult } from './load-result.ts';

/** Returns the result of a load with ten correct responses. */
export const loadResult = (changes: Partial<LoadResult> = {}): LoadResult => ({
  elapsedMs: 1_000,
  sendingMs: 1_000,
  responses: 10,
  responsesPerSecond: 10,
  latency: null,
  firstToken: null,
  gaps: null,
  tokens: 0,
  tokensPerSecond: 0,
  rejections: { count: 0, latency: null },
  statuses: { 200: 10 },
  wrong: { count: 0, reasons: {} },
  unfinished: 0,
  responsesByProcess: {},
  cpuSeconds: null,
  generator: { cpuShare: 0.2, eventLoopUtilization: 0.2, delayP99Ms: 1 },
  ...changes,
});
