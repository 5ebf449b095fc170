import type { WorkshopOperationName } from '@prodigon/contracts/workshop';
import type { CallContext } from './call-context.ts';

/** A call of one of `WORKSHOP_OPERATIONS`. */
export interface LabCall {
  readonly operation: WorkshopOperationName;
  /** The parameters in the path of the operation, by name. */
  readonly params: Readonly<Record<string, string>>;
  /** Matches the schema of the operation; undefined for an operation without a body. */
  readonly body?: object | undefined;
}

/** Client of the lab service, which runs the experiments and checks of the workshop. */
export interface LabClient {
  /**
   * Returns the response of the operation. Throws `NOT_FOUND` for an unknown task, lab or run, and `LABS_DISABLED` when the
   * platform does not run the workshop.
   */
  call(call: LabCall, context: CallContext): Promise<unknown>;
  /** Returns the server-sent events of an operation without a response schema. Leaving them does not stop the run. */
  events(call: LabCall, context: CallContext): Promise<AsyncIterable<Uint8Array>>;
}
