import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedMegabytesOfTree } from '@prodigon/lab';

const SAMPLE_EVERY_MS = 100;
/** Less often, because the kernel walks all pages to read the proportional set size. */
const SHARED_SAMPLE_EVERY_MS = 1_000;

/** Maximum sampled memory of each process in MB, by phase. */
export type MemoryMaxima = Record<string, Record<string, number>>;

export interface MemoryWatch {
  enter(phase: string): void;
  stop(): MemoryMaxima;
}

/**
 * Samples the memory of the platform with this data folder. For services it samples the resident set, which includes shared
 * pages. For the database it sums up all processes and counts each shared page once.
 */
export function watchMemory(dataDirectory: string): MemoryWatch {
  const { processes } = JSON.parse(readFileSync(join(dataDirectory, 'stack.json'), 'utf8')) as {
    processes: { service: string; process: { pid: number } }[];
  };
  const maxima: MemoryMaxima = {};
  let phase = 'idle';
  const record = (service: string, mb: number) => {
    maxima[phase] ??= {};
    const ofPhase = maxima[phase] ?? {};
    ofPhase[service] = Math.max(ofPhase[service] ?? 0, Math.round(mb));
  };
  const sample = () => {
    for (const { service, process } of processes) if (service !== 'database') record(service, residentMegabytes(process.pid));
  };
  const sampleShared = () => {
    for (const { service, process } of processes) if (service === 'database') record(service, sharedMegabytesOfTree(process.pid));
  };
  const timers = [setInterval(sample, SAMPLE_EVERY_MS), setInterval(sampleShared, SHARED_SAMPLE_EVERY_MS)];
  sample();
  sampleShared();
  return {
    enter(next) {
      phase = next;
      sample();
      sampleShared();
    },
    stop() {
      for (const timer of timers) clearInterval(timer);
      return maxima;
    },
  };
}

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_000;
}
