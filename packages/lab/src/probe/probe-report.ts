/** What `readProbe` asks a process. */
export interface ProbeQuestion {
  /** Whether everything that nothing refers to is collected before memory is looked at; the process stops meanwhile. */
  readonly collectGarbage: boolean;
}

/** How a Node process is, by itself. */
export interface ProbeReport {
  readonly pid: number;
  readonly memory: {
    readonly heapUsedBytes: number;
    /** Of the heap, what V8 has compiled: it grows for a long time while nothing else does, since the machine code of ever rarer paths is added. */
    readonly codeBytes: number;
    /** Outside of V8's heap and bound to objects in it; array buffers are part of it. */
    readonly externalBytes: number;
    readonly arrayBufferBytes: number;
    readonly residentBytes: number;
  };
  /** Since the last question; null for the first one, which starts the watch. */
  readonly eventLoop: {
    readonly delayMedianMs: number;
    readonly delayP99Ms: number;
    readonly delayMaxMs: number;
    /** The share of time that it was busy, from 0 to 1. */
    readonly utilisation: number;
  } | null;
  /** What keeps it alive, by kind, e.g. `{TCPSocketWrap: 3, Timeout: 1}`. */
  readonly resources: Readonly<Record<string, number>>;
}

/** The header of each HTTP/1 answer of a process with a probe: `<run id>/<pid>`. */
export const PROCESS_HEADER = 'x-lab-process';

/** Variables that configure `attach.ts`. */
export const RUN_ID_VARIABLE = 'PRODIGON_LAB_RUN_ID';
export const DIRECTORY_VARIABLE = 'PRODIGON_LAB_DIRECTORY';
