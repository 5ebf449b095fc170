import { spawnSync } from 'node:child_process';

/** Assigns the two sides of a measurement to CPUs. */
export interface Pin {
  /** The assignment as text for the result, e.g. `under test on CPU 0, generator and provider on CPU 1`. */
  readonly description: string;
  /** Moves running processes and their future children to the CPUs under test. */
  underTest(pids: readonly number[]): void;
  /** Moves running processes and their future children to the CPU of the generator and the provider. */
  helpers(pids: readonly number[]): void;
}

export const NO_PIN: Pin = { description: 'not pinned', underTest: () => {}, helpers: () => {} };

/**
 * Assigns all available CPUs but the last to the processes under test, and the last to the generator and the provider.
 * Pins nothing without `taskset` or a second CPU.
 */
export function createPin(cpus: readonly number[] = readAvailableCpus()): Pin {
  const testCpus = cpus.slice(0, -1).join();
  const helperCpus = cpus.slice(-1).join();
  if (testCpus === '') return NO_PIN;
  return {
    description: `under test on CPU ${testCpus}, generator and provider on CPU ${helperCpus}`,
    underTest: (pids) => moveTo(testCpus, pids),
    helpers: (pids) => moveTo(helperCpus, pids),
  };
}

/** Assigns all processes to the first available CPU, as on a machine with one CPU, so that they compete for it. */
export function createSharedPin([cpu]: readonly number[] = readAvailableCpus()): Pin {
  if (cpu === undefined) return NO_PIN;
  const move = (pids: readonly number[]) => moveTo(String(cpu), pids);
  return { description: `all processes on CPU ${cpu}`, underTest: move, helpers: move };
}

/** Returns the CPUs that this process may run on. Returns none without `taskset`. */
function readAvailableCpus(): number[] {
  const { stdout } = spawnSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8', env: taskEnvironment() });
  return parseCpuList(stdout ?? '');
}

/** Returns the CPUs in the output of `taskset -c -p`, e.g. `pid 7's current affinity list: 0-2,5`. */
export function parseCpuList(output: string): number[] {
  const [, list] = /: ([\d,-]+)\s*$/.exec(output) ?? [];
  return (list?.split(',') ?? []).flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Moves all threads of the processes. Ignores processes that have ended. */
function moveTo(cpus: string, pids: readonly number[]): void {
  for (const pid of pids)
    spawnSync('taskset', ['-a', '-c', '-p', cpus, String(pid)], { stdio: 'ignore', env: taskEnvironment() });
}

const taskEnvironment = () => ({ PATH: process.env.PATH, LC_ALL: 'C' });
