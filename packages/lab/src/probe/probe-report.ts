/** The request of `readProbe` to a process. */
export interface ProbeRequest {
  /** Whether to run a full garbage collection before memory is measured. The collection blocks the process. */
  readonly collectGarbage: boolean;
}

/** Memory and event loop metrics of a Node process. */
export interface ProbeReport {
  readonly pid: number;
  readonly memory: {
    readonly heapUsedBytes: number;
    /** The part of the heap with compiled code. It grows for hours without a leak, as V8 compiles rarely used paths. */
    readonly codeBytes: number;
    /** Memory outside V8's heap that its objects refer to, including array buffers. */
    readonly externalBytes: number;
    readonly arrayBufferBytes: number;
    readonly residentBytes: number;
  };
  /** Event loop metrics since the previous report. Null in the first one, which starts the monitor. */
  readonly eventLoop: {
    readonly delayMedianMs: number;
    readonly delayP99Ms: number;
    readonly delayMaxMs: number;
    /** The share of time that the event loop was busy, from 0 to 1. */
    readonly utilization: number;
  } | null;
  /** Resources that keep the process alive, by type, e.g. `{TCPSocketWrap: 3, Timeout: 1}`. */
  readonly resources: Readonly<Record<string, number>>;
}

/**
 * A process with a probe sends this header in each HTTP/1 response, with the value `<run id>/<pid>`, or
 * `<run id>/<pid>/<hash of its configuration>` when `withProbe` names the variables of the configuration.
 */
export const PROCESS_HEADER = 'x-lab-process';

/** Environment variables that configure `attach.ts`. */
export const RUN_ID_VARIABLE = 'PRODIGON_LAB_RUN_ID';
export const DIRECTORY_VARIABLE = 'PRODIGON_LAB_DIRECTORY';
export const CONFIGURED_VARIABLE = 'PRODIGON_LAB_CONFIGURED';
