import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';

/** A child process that runs nothing. Tests emit its events and read the signals that it received. */
export class FakeChild extends EventEmitter {
  readonly signals: NodeJS.Signals[] = [];
  readonly pid: number | undefined;

  /** `pid` is that of a running process, such as the test, or undefined for a program that cannot start. */
  constructor(pid: number | undefined) {
    super();
    this.pid = pid;
  }

  kill(signal: NodeJS.Signals): boolean {
    this.signals.push(signal);
    return true;
  }

  becomeReady(url: string, grpcUrl?: string): void {
    this.emit('message', { type: 'ready', url, grpcUrl });
  }

  exit(code: number | null, signal: NodeJS.Signals | null = null): void {
    this.emit('exit', code, signal);
  }

  asChildProcess(): ChildProcess {
    return this as unknown as ChildProcess;
  }
}
