import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { identifyProcess, isAlive, signalProcess } from './process-identity.ts';

it('is the same for one process whenever it is asked for', () => {
  const identity = identifyProcess(process.pid);
  expect(identity).toEqual(identifyProcess(process.pid));
  expect(identity && isAlive(identity)).toBe(true);
});

it('is no longer alive once the process has ended, and then no signal is sent', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  const identity = identifyProcess(child.pid as number);
  if (!identity) throw new Error('It should run');
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(signalProcess(identity, 'SIGKILL')).toBe(false);
});

it('tells apart two processes that had the same pid', () => {
  const other = { pid: process.pid, started: 'another boot 12345' };
  expect(isAlive(other)).toBe(false);
  expect(signalProcess(other, 'SIGKILL')).toBe(false);
});
