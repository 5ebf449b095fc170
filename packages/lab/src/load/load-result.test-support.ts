import type { LoadResult } from './load-result.ts';

/** What a load of ten right answers looks like. */
export const loadResult = (changes: Partial<LoadResult> = {}): LoadResult => ({
  elapsedMs: 1_000,
  answers: 10,
  answersPerSecond: 10,
  latency: null,
  firstToken: null,
  gaps: null,
  tokens: 0,
  tokensPerSecond: 0,
  refusals: { count: 0, latency: null },
  statuses: { 200: 10 },
  wrong: { count: 0, reasons: {} },
  unfinished: 0,
  answersByProcess: {},
  cpuSeconds: null,
  generator: { cpuShare: 0.2, eventLoopUtilisation: 0.2 },
  ...changes,
});
