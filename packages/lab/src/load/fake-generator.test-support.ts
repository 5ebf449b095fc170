import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { vi } from 'vitest';
import type { FromGenerator, ToGenerator } from './generator/messages.ts';

/** Creates a child process that runs no load. Tests send its messages and read those that it received. */
export function createFakeGenerator() {
  const child = Object.assign(new EventEmitter(), {
    pid: 7,
    send: vi.fn<(message: ToGenerator) => void>(),
    // A killed process closes in a later turn of the event loop.
    kill: vi.fn(() => void setImmediate(() => child.emit('close'))),
  });
  return {
    child,
    start: () => child as unknown as ChildProcess,
    receive: (message: FromGenerator) => void child.emit('message', message),
    sent: () => child.send.mock.calls.map(([message]) => message),
  };
}
