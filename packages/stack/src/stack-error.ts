/** A reason not to run, as the operator reads it: clear sentences, no stack. */
export class StackError extends Error {
  override readonly name = 'StackError';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
