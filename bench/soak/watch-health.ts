import { setTimeout as wait } from 'node:timers/promises';
import { readProbe } from '@prodigon/lab';
import type { SoakPlatform } from './soak-platform.ts';

const SAMPLE_EVERY_MS = 15_000;
/** One that is stopped, or was killed just now, is asked the next time again. */
const ANSWERS_WITHIN_MS = 4_000;
const MB = 1e6;

export interface HealthSample {
  /** From the begin of the load. */
  readonly atMs: number;
  readonly name: string;
  readonly pid: number;
  /** After a full collection, without `codeMb`. */
  readonly heapMb: number;
  /** What V8 has compiled, which is part of its heap. */
  readonly codeMb: number;
  readonly externalMb: number;
  readonly residentMb: number;
  /** Since the sample before, which ends with the collection; null for the first one of a process. */
  readonly delayP99Ms: number | null;
  readonly utilisation: number | null;
  /** Sockets, timers and the like. */
  readonly resources: number;
}

export interface HealthWatch {
  readonly samples: readonly HealthSample[];
  /** Resolves after the last sample once the signal is aborted. */
  readonly ended: Promise<void>;
}

/** Looks at each process of the platform every 15 s, one after the other, since a collection stops it. */
export function watchHealth(platform: SoakPlatform, signal: AbortSignal): HealthWatch {
  const begunAtMs = performance.now();
  const samples: HealthSample[] = [];

  async function sample(name: string, pid: number): Promise<void> {
    const gaveUp = wait(ANSWERS_WITHIN_MS, null, { ref: false });
    const report = await Promise.race([readProbe(platform.probes, pid), gaveUp]).catch(() => null);
    if (!report) return;
    const { memory, eventLoop, resources } = report;
    samples.push({
      atMs: performance.now() - begunAtMs,
      name,
      pid,
      heapMb: (memory.heapUsedBytes - memory.codeBytes) / MB,
      codeMb: memory.codeBytes / MB,
      externalMb: memory.externalBytes / MB,
      residentMb: memory.residentBytes / MB,
      delayP99Ms: eventLoop?.delayP99Ms ?? null,
      utilisation: eventLoop?.utilisation ?? null,
      resources: Object.values(resources).reduce((sum, count) => sum + count, 0),
    });
  }

  async function run(): Promise<void> {
    for (let turn = 0; !signal.aborted; turn += 1) {
      for (const { name, pid } of platform.processes()) if (!signal.aborted) await sample(name, pid);
      const dueMs = begunAtMs + (turn + 1) * SAMPLE_EVERY_MS;
      await wait(Math.max(0, dueMs - performance.now()), undefined, { signal }).catch(() => {});
    }
  }
  return { samples, ended: run() };
}
