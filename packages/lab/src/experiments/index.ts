export { describeEnvironment } from './describe-environment.ts';
export { describeExperiment } from './describe-experiment.ts';
export { effectOf, statusOf } from './effect.ts';
export type * from './experiment.ts';
export * from './recordings.ts';
export * from './repeat-experiment.ts';
export * from './run-experiment.ts';
export { type RunEvent, type RunOptions, type RunOutcome, selectArms, selectWorkload } from './run-options.ts';
export { runSelfTest, type SelfTestComparison, type SelfTestOptions, type SelfTestResult } from './self-test.ts';
