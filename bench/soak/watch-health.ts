import { setTimeout as wait } from 'node:timers/promises';
import { readProbe } from '@prodigon/lab';
import type { SoakPlatform } from './soak-platform.ts';

const SAMPLE_EVERY_MS = 15_000;
/** A process that is stopped or was just killed is skipped until the next sample. */
const PROBE_TIMEOUT_MS = 4_000;
const MB = 1e6;

export interface HealthSample {
  /** Time since the start of the load. */
  readonly atMs: number;
  readonly name: string;
  readonly pid: number;
  /** The live heap after a full collection, without `codeMb`. */
  readonly heapMb: number;
  /** Compiled code in the heap. */
  readonly codeMb: number;
  readonly externalMb: number;
  readonly residentMb: number;
  /** Event loop delay since the previous sample, without its collection. Null for the first sample of a process. */
  readonly delayP99Ms: number | null;
  readonly utilization: number | null;
  /** The number of resources such as sockets and timers. */
  readonly resources: number;
}

export interface HealthWatch {
  readonly samples: readonly HealthSample[];
  /** Resolves after the last sample once the signal is aborted. */
  readonly ended: Promise<void>;
}

/** Samples each process of the platform every 15 s, sequentially, because a collection blocks the process. */
export function watchHealth(platform: SoakPlatform, signal: AbortSignal): HealthWatch {
  const startedAtMs = performance.now();
  const samples: HealthSample[] = [];

  async function sample(name: string, pid: number): Promise<void> {
    const timeout = wait(PROBE_TIMEOUT_MS, null, { ref: false });
    const report = await Promise.race([readProbe(platform.probeDirectory, pid), timeout]).catch(() => null);
    if (!report) return;
    const { memory, eventLoop, resources } = report;
    samples.push({
      atMs: performance.now() - startedAtMs,
      name,
      pid,
      heapMb: (memory.heapUsedBytes - memory.codeBytes) / MB,
      codeMb: memory.codeBytes / MB,
      externalMb: memory.externalBytes / MB,
      residentMb: memory.residentBytes / MB,
      delayP99Ms: eventLoop?.delayP99Ms ?? null,
      utilization: eventLoop?.utilization ?? null,
      resources: Object.values(resources).reduce((sum, count) => sum + count, 0),
    });
  }

  async function run(): Promise<void> {
    for (let turn = 0; !signal.aborted; turn += 1) {
      for (const { name, pid } of platform.processes()) if (!signal.aborted) await sample(name, pid);
      const dueMs = startedAtMs + (turn + 1) * SAMPLE_EVERY_MS;
      await wait(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => {});
    }
  }
  return { samples, ended: run() };
}
