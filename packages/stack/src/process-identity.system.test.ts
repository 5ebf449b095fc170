import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { identifyProcess, isAlive, signalProcess } from './process-identity.ts';

it('identifies a running process consistently', () => {
  const identity = identifyProcess(process.pid);
  expect(identity).toEqual(identifyProcess(process.pid));
  expect(identity && isAlive(identity)).toBe(true);
});

it('reports an ended process as dead and does not signal it', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  const identity = identifyProcess(child.pid as number);
  if (!identity) throw new Error('The process is not running');
  expect(signalProcess(identity, 'SIGKILL')).toBe(true);
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(signalProcess(identity, 'SIGKILL')).toBe(false);
});

it('distinguishes a process from an earlier one with the same pid', () => {
  const other = { pid: process.pid, started: 'another boot 12345' };
  expect(isAlive(other)).toBe(false);
  expect(signalProcess(other, 'SIGKILL')).toBe(false);
});
