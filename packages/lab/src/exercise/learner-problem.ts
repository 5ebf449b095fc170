import { describeThrownValue, findLearnerLine, type LearnerFolder, shortenPaths } from './learner-files.ts';
import type { ThrownValue } from './learner-messages.ts';

/** The learner's code cannot be loaded, or its process ended or hangs. The message is for the learner. */
export class LearnerProblemError extends Error {
  override readonly name = 'LearnerProblemError';
  /** Whether no check can run, because the code cannot be loaded. */
  readonly isLoading: boolean;

  constructor(message: string, isLoading: boolean) {
    super(message);
    this.isLoading = isLoading;
  }
}

/** A command of the driver threw, usually because the learner's code threw. The message is for the learner. */
export class LearnerThrewError extends Error {
  override readonly name = 'LearnerThrewError';
}

/** Explains why a module could not be loaded. `module` is the file that the driver loads. */
export function explainLoadFailure(thrown: ThrownValue, module: string, folder: LearnerFolder): string {
  const file = `${folder.label}/${module}`;
  const place = findLearnerLine(thrown.stack, folder) ?? file;
  const message = shortenPaths(thrown.message, folder);
  switch (thrown.code) {
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return `${place} has a syntax error: ${message}.`;
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `${place} uses TypeScript syntax that Node cannot run, because Node only removes types: ${message}.`;
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return `${file} cannot be loaded: ${message.replace(/ imported from \/.*$/, '')}.`;
    case 'ERR_ACCESS_DENIED':
      return `${place} ${ACCESS_DENIED}`;
  }
  if (thrown.name === 'SyntaxError') return `${place} has a syntax error: ${message}.`;
  return `${file} throws while it loads: ${describeThrownValue(thrown, folder)}.`;
}

const ACCESS_DENIED =
  'starts a process or a worker, writes a file, or reads a file that does not belong to the exercise. The checks run your code without these permissions.';

/** Explains an error that nothing caught. */
export function explainUncaught(thrown: ThrownValue, isRejection: boolean, folder: LearnerFolder): string {
  if (thrown.code === 'ERR_ACCESS_DENIED') return `${findLearnerLine(thrown.stack, folder) ?? 'Your code'} ${ACCESS_DENIED}`;
  const what = describeThrownValue(thrown, folder);
  return isRejection
    ? `A promise in your code rejects, and no handler catches the error, which ends the process: ${what}.`
    : `Your code throws an error that no handler catches, which ends the process: ${what}.`;
}

/** Explains what a function of the learner's code threw while a check called it. */
export function explainThrown(thrown: ThrownValue, folder: LearnerFolder): string {
  if (thrown.code === 'ERR_ACCESS_DENIED') return `${findLearnerLine(thrown.stack, folder) ?? 'Your code'} ${ACCESS_DENIED}`;
  return `Your code throws ${describeThrownValue(thrown, folder)}.`;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last output of the process to standard error. */
  readonly errorOutput: string;
  /** Where the code called `process.exit`. */
  readonly exitStack: string | null;
  readonly memoryMb: number;
}

export function explainEnd({ code, signal, errorOutput, exitStack, memoryMb }: ProcessEnd, folder: LearnerFolder): string {
  if (exitStack !== null)
    return `${findLearnerLine(exitStack, folder) ?? 'Your code'} ends the process with process.exit(${code ?? ''}).`;
  if (/JavaScript heap out of memory|invalid table size|Array buffer allocation failed/i.test(errorOutput))
    return `Your code runs out of memory. The limit is ${memoryMb} MB.`;
  return signal ? `The process with your code ended with ${signal}.` : `The process with your code ended with exit code ${code}.`;
}
