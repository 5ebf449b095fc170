/** An error or another value that the learner's code threw. */
export interface ThrownValue {
  readonly isError: boolean;
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
  readonly stack: string;
}

/** A message from the checker to the process with the learner's code. */
export type LearnerCommand =
  | { readonly type: 'call'; readonly id: number; readonly command: string; readonly input: unknown }
  | { readonly type: 'ping'; readonly id: number };

/** A message from the process with the learner's code to the checker. */
export type LearnerMessage =
  | { readonly type: 'loaded' }
  | { readonly type: 'load-failed'; readonly thrown: ThrownValue }
  | { readonly type: 'export-missing'; readonly name: string }
  | { readonly type: 'returned'; readonly id: number; readonly value: unknown }
  | { readonly type: 'threw'; readonly id: number; readonly thrown: ThrownValue }
  | { readonly type: 'pong'; readonly id: number }
  | { readonly type: 'event'; readonly name: string; readonly value: unknown }
  | { readonly type: 'exit-called'; readonly code: string; readonly stack: string }
  | { readonly type: 'uncaught'; readonly isRejection: boolean; readonly thrown: ThrownValue };

/** How a message to the checker travels. The checker ignores messages without its secret, which the learner's code does not know. */
export interface LearnerEnvelope {
  readonly secret: string;
  readonly message: LearnerMessage;
}

export type DriverCommand = (input: never) => unknown;

/**
 * The default export of `checks/driver.ts`. It runs in the process with the learner's code and calls that code for the
 * checks.
 */
export interface LearnerDriver {
  /** The file of the learner that the driver loads. */
  readonly module: string;
  /** The exports that the file must have. */
  readonly exports: readonly string[];
  /** `emit` sends an event to the check that is running. */
  createCommands(module: Record<string, unknown>, emit: (name: string, value?: unknown) => void): Record<string, DriverCommand>;
}
