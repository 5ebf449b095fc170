import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { identifyProcess, isAlive, parseStartTicks, parseStartTime, signalProcess } from './process-identity.ts';

const FIELDS = Array.from({ length: 48 }, (_, index) => String(index + 5));
const statOf = (program: string, state: string) => `4711 (${program}) ${state} 4 ${FIELDS.join(' ')}\n`;

it('identifies a running process consistently', () => {
  const identity = identifyProcess(process.pid);
  expect(identity).toEqual(identifyProcess(process.pid));
  expect(identity && isAlive(identity)).toBe(true);
});

it('identifies no process by a pid that is not in use', () => {
  expect(identifyProcess(2 ** 30)).toBeNull();
});

it('distinguishes a process from an earlier one with the same pid', () => {
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
  onTestFinished(() => kill.mockRestore());
  const other = { pid: process.pid, started: 'another boot 12345' };
  expect(isAlive(other)).toBe(false);
  expect(signalProcess(other, 'SIGKILL')).toBe(false);
  expect(kill).not.toHaveBeenCalled();
});

it.runIf(process.platform === 'linux')('identifies a process by the boot and the start time of the kernel', () => {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const [, ticks] = /^\d+ \(.*\) (?:\S+ ){19}(\d+) /s.exec(readFileSync(`/proc/${process.pid}/stat`, 'utf8')) ?? [];
  expect(identifyProcess(process.pid)).toEqual({ pid: process.pid, started: `${boot} ${ticks}` });
});

describe('signalProcess', () => {
  const self = identifyProcess(process.pid) ?? { pid: 0, started: '' };

  it('sends the signal to a running process', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    expect(signalProcess(self, 'SIGTERM')).toBe(true);
    expect(kill.mock.calls).toEqual([[process.pid, 'SIGTERM']]);
  });

  it('returns false for a process that this user may not signal', () => {
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    onTestFinished(() => kill.mockRestore());
    expect(signalProcess(self, 'SIGTERM')).toBe(false);
  });
});

describe('parseStartTicks', () => {
  it.each(['node', 'a program', 'odd) (name', ') Z 4 5'])('reads field 22 after the program name "%s"', (program) => {
    expect(parseStartTicks(statOf(program, 'S'))).toBe('22');
  });

  it.each(['Z', 'X'])('returns null for a process in state %s, which has ended', (state) => {
    expect(parseStartTicks(statOf('node', state))).toBeNull();
  });

  it('returns null for an incomplete file', () => {
    expect(parseStartTicks('4711 (node) S 4 5\n')).toBeNull();
  });
});

describe('parseStartTime', () => {
  it('reads the start time after the state', () => {
    expect(parseStartTime('Ss   Mon Mar  2 09:15:00 2026    \n')).toBe('Mon Mar  2 09:15:00 2026');
  });

  it('returns null for a zombie', () => {
    expect(parseStartTime('Z+   Mon Mar  2 09:15:00 2026\n')).toBeNull();
  });

  it('returns null without a process', () => {
    expect(parseStartTime('')).toBeNull();
  });
});
