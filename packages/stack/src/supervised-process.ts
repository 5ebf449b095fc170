import type { ChildProcess } from 'node:child_process';
import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { createBackoff } from './backoff.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import type { ServiceName } from './process-plan.ts';
import { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import type { Timers } from './timers.ts';

/** A process that says nothing for this long after its start hangs. */
const READY_WITHIN_MS = 60_000;
/** One that never got ready and ended so often has something that waiting does not cure. */
const FIRST_STARTS_MAX = 5;

export interface SupervisedProcessOptions {
  readonly service: ServiceName;
  readonly title: string;
  /** Starts the process with an IPC channel. `url` is where it listened before, so that it can go back there. */
  readonly spawn: (url: string | null) => ChildProcess;
  readonly timers: Timers;
  readonly onEvent: (event: StackEvent) => void;
  /** Its pid, URL or number of restarts is another now. */
  readonly onChange: () => void;
  /** It was ready once and will not come back. Before that, `start` rejects instead. */
  readonly onGiveUp: (error: StackError) => void;
}

/** Keeps one process running: starts it, waits until it is ready, starts it again when it crashes. */
export class SupervisedProcess {
  readonly service: ServiceName;
  readonly title: string;
  /** Null while no process runs. */
  identity: ProcessIdentity | null = null;
  /** Null until it first listened. */
  url: string | null = null;
  restarts = 0;

  /** As `url`: it holds no secret. */
  get publicUrl(): string | null {
    return this.url;
  }

  readonly #options: SupervisedProcessOptions;
  readonly #backoff = createBackoff();
  readonly #firstReady = Promise.withResolvers<string>();
  #child: ChildProcess | null = null;
  #childEnded: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => {};
  #stopping = false;
  #replacing = false;

  constructor(options: SupervisedProcessOptions) {
    this.service = options.service;
    this.title = options.title;
    this.#options = options;
    // Whoever stops it before it was ready may not be the one who waits for it.
    this.#firstReady.promise.catch(() => {});
  }

  /** Resolves with its URL when it is ready. Rejects with a `StackError` when it cannot get there, or is stopped before. */
  start(): Promise<string> {
    this.#launch();
    return this.#firstReady.promise;
  }

  /** From now on it does not come back when it ends, which a signal to a whole group may bring about without us. */
  retire(): void {
    this.#stopping = true;
    this.#cancelTimer();
    this.#firstReady.reject(new StackError('The start was interrupted.'));
  }

  /** Asks it to drain, and ends it by force after `graceMs`. Resolves when it is gone; it does not come back. */
  async stop(graceMs: number): Promise<void> {
    this.retire();
    await this.#terminate(graceMs);
  }

  /** As `stop`, then starts it anew. For new source code. */
  async replace(graceMs: number): Promise<void> {
    if (this.#stopping || this.#replacing) return;
    this.#replacing = true;
    this.#cancelTimer();
    await this.#terminate(graceMs);
    this.#replacing = false;
    if (this.#stopping) return;
    this.#backoff.reset();
    this.#launch();
  }

  /** Ends it at once. It does not come back. */
  kill(): void {
    this.#stopping = true;
    this.#cancelTimer();
    this.#child?.kill('SIGKILL');
  }

  async #terminate(graceMs: number): Promise<void> {
    const child = this.#child;
    if (!child) return;
    child.kill('SIGTERM');
    const takeBack = this.#options.timers.after(graceMs, () => {
      this.#say('killed', `${this.title} did not stop in time. Ended it by force.`);
      child.kill('SIGKILL');
    });
    await this.#childEnded;
    takeBack();
  }

  #launch(): void {
    const { timers, spawn, onChange } = this.#options;
    const bornAt = timers.now();
    const child = spawn(this.url);
    let wasReady = false;
    const ended = Promise.withResolvers<void>();
    this.#child = child;
    this.#childEnded = ended.promise;
    this.identity = child.pid === undefined ? null : identifyProcess(child.pid);
    this.#cancelTimer = timers.after(READY_WITHIN_MS, () => {
      this.#say('killed', `${this.title} was not ready after ${READY_WITHIN_MS / 1000} s. Ended it by force.`);
      child.kill('SIGKILL');
    });

    const onEnd = (reason: string, code: number | null) => {
      this.#child = null;
      this.identity = null;
      ended.resolve();
      if (!this.#stopping && !this.#replacing) this.#onCrash(reason, code, wasReady ? timers.now() - bornAt : 0);
      onChange();
    };
    child.once('exit', (code, signal) => onEnd(signal === null ? `exit code ${code}` : `killed by ${signal}`, code));
    // Without a pid it never began, and no `exit` follows.
    child.on('error', (error) => child.pid === undefined && onEnd(error.message, null));
    child.on('message', (message) => {
      if (!isReadyMessage(message)) return;
      wasReady = true;
      this.#onReady(message.url);
    });
    onChange();
  }

  #onReady(url: string): void {
    this.#cancelTimer();
    this.url = url;
    if (this.restarts > 0) this.#say('recovered', `${this.title} is ready again.`);
    this.#firstReady.resolve(url);
    this.#options.onChange();
  }

  #onCrash(reason: string, code: number | null, healthyMs: number): void {
    this.#cancelTimer();
    const delayMs = this.#backoff.delayAfter(healthyMs);
    if (code === EXIT_CONFIGURATION) {
      this.#giveUp(`The ${this.title} cannot run; the reason is above.`, EXIT_CONFIGURATION);
      return;
    }
    if (this.url === null && this.#backoff.failures >= FIRST_STARTS_MAX) {
      this.#giveUp(`The ${this.title} stopped ${FIRST_STARTS_MAX} times before it was ready (${reason}).`, 1);
      return;
    }
    const seconds = (delayMs / 1000).toFixed(1).replace(/\.0$/, '');
    this.#say('crashed', `${this.title} stopped (${reason}). Starting it again in ${seconds} s.`);
    this.restarts += 1;
    this.#cancelTimer = this.#options.timers.after(delayMs, () => this.#launch());
  }

  #giveUp(message: string, exitCode: number): void {
    const error = new StackError(message, exitCode);
    if (this.url === null) this.#firstReady.reject(error);
    else this.#options.onGiveUp(error);
  }

  #say(type: StackEvent['type'], message: string): void {
    this.#options.onEvent({ type, service: this.service, message });
  }
}

function isReadyMessage(message: unknown): message is { type: 'ready'; url: string } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready' && 'url' in message;
}
