/** What a process ends with when only the operator can cure it: EX_CONFIG of sysexits.h. Never restarted. */
export const EXIT_CONFIGURATION = 78;

/** A reason not to run, as the operator reads it: clear sentences, no stack. */
export class StackError extends Error {
  override readonly name = 'StackError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
