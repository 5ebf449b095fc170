import { spawnSync } from 'node:child_process';

/** Which processors the two sides of a measurement run on. */
export interface Pin {
  /** One phrase for the result, e.g. `under test on CPU 0, generator and provider on CPU 1`. */
  readonly description: string;
  /** Moves running processes, and what they start from now on, to the CPUs of what is measured. */
  underTest(pids: readonly number[]): void;
  /** The same to the CPU of the generator, the provider and whoever else only helps to measure. */
  helpers(pids: readonly number[]): void;
}

export const NO_PIN: Pin = { description: 'not pinned', underTest: () => {}, helpers: () => {} };

/** What is measured gets all of our CPUs but the last, which the generator and the provider share; nothing is pinned where `taskset` or a second CPU is missing. */
export function createPin(cpus: readonly number[] = readOwnCpus()): Pin {
  const tested = cpus.slice(0, -1).join();
  const helping = cpus.slice(-1).join();
  if (tested === '') return NO_PIN;
  return {
    description: `under test on CPU ${tested}, generator and provider on CPU ${helping}`,
    underTest: (pids) => moveTo(tested, pids),
    helpers: (pids) => moveTo(helping, pids),
  };
}

/** Everybody on one CPU, the first of ours, as on a machine that has no other: who takes more of it leaves less to the rest. */
export function createSharedPin([cpu]: readonly number[] = readOwnCpus()): Pin {
  if (cpu === undefined) return NO_PIN;
  const move = (pids: readonly number[]) => moveTo(String(cpu), pids);
  return { description: `everybody on CPU ${cpu}`, underTest: move, helpers: move };
}

/** Those that we may run on; none where `taskset` does not say. */
function readOwnCpus(): number[] {
  const { stdout } = spawnSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8', env: taskEnvironment() });
  const [, list] = /: ([\d,-]+)\s*$/.exec(stdout ?? '') ?? [];
  return (list?.split(',') ?? []).flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Every thread of them. One that has ended meanwhile needs no CPU. */
function moveTo(cpus: string, pids: readonly number[]): void {
  for (const pid of pids)
    spawnSync('taskset', ['-a', '-c', '-p', cpus, String(pid)], { stdio: 'ignore', env: taskEnvironment() });
}

const taskEnvironment = () => ({ PATH: process.env.PATH, LC_ALL: 'C' });
