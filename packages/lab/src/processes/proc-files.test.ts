import { describe, expect, it } from 'vitest';
import {
  parseMachineCpuSeconds,
  parseProcStat,
  parseSchedstat,
  readProcFile,
  readProcStat,
  readThreadsCpuSeconds,
} from './proc-files.ts';

const statOf = (program: string) =>
  `4711 (${program}) S 17 4711 4711 0 -1 4194560 100 0 0 0 250 150 30 20 20 0 11 0 900000 1000000 5000 18446744073709551615`;

it.each(['node', 'a program', 'odd) (name'])('reads the parent and the CPU times after the program name "%s"', (program) => {
  expect(parseProcStat(statOf(program))).toEqual({ parent: 17, cpuSeconds: 4, endedChildrenCpuSeconds: 0.5 });
});

it('reads an ended process as null and its files as empty', () => {
  expect(readProcStat(2 ** 30)).toBeNull();
  expect(readProcFile(`/proc/${2 ** 30}/stat`)).toBe('');
});

it.runIf(process.platform === 'linux')('reads the process of the test', () => {
  expect(readProcStat(process.pid)?.parent).toBe(process.ppid);
});

it('reads the nanoseconds of a thread, and nothing of an ended process', () => {
  expect(parseSchedstat('1500000 3731925 12\n')).toBe(0.0015);
  expect(parseSchedstat('')).toBe(0);
  expect(readThreadsCpuSeconds(2 ** 30)).toBe(0);
});

describe('parseMachineCpuSeconds', () => {
  it('adds user, nice and system time and the time of interrupts, but neither idle nor waiting time', () => {
    const stat = 'cpu  100 20 300 99999 77777 4 5 6 7 8\ncpu0 1 1 1 1 1 1 1 0 0 0\nintr 5\n';
    expect(parseMachineCpuSeconds(stat)).toBe(4.29);
  });

  it('reads the line of all CPUs, wherever it is', () => {
    expect(parseMachineCpuSeconds('cpu0 100 0 0 0 0 0 0\ncpu  200 0 0 0 0 0 0\n')).toBe(2);
  });

  it('counts times that an old kernel does not report as zero', () => {
    expect(parseMachineCpuSeconds('cpu  100\n')).toBe(1);
  });

  it('returns null without CPU times', () => {
    expect(parseMachineCpuSeconds('')).toBeNull();
  });
});
