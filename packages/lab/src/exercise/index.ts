export { type CaseContext, type Check, CheckFailedError, type CheckFailure, defineCheck } from './check.ts';
export { type CheckTaskOptions, checkTask, loadTaskChecks, type TaskChecks } from './check-task.ts';
export type { DriverCommand, LearnerDriver } from './learner-messages.ts';
export { LEARNER_LIMITS, type LearnerLimits } from './learner-process.ts';
export { createRandom, deriveSeed, type Random } from './random.ts';
export { type CheckReport, type RunChecksOptions, runChecks } from './run-checks.ts';
export {
  applyMutant,
  loadMutants,
  type Mutant,
  type MutantResult,
  runMutants,
  runWrongSolutions,
  type WrongSolution,
  withExerciseFolder,
} from './run-mutants.ts';
export { createSequenceRecorder, type Participant, type SequenceRecorder } from './sequence-recorder.ts';
