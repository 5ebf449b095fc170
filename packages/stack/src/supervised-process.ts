import type { ChildProcess } from 'node:child_process';
import { EXIT_CONFIGURATION } from '@prodigon/platform/configuration';
import { createBackoff } from './backoff.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import type { ServiceName } from './process-plan.ts';
import { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import type { Timers } from './timers.ts';

/** The supervisor kills and restarts a process that is not ready within this time. */
const READY_TIMEOUT_MS = 60_000;
/** The maximum number of starts of a process that was never ready. */
const INITIAL_STARTS_MAX = 5;

export interface SupervisedProcessOptions {
  readonly service: ServiceName;
  readonly title: string;
  /** Starts the process with an IPC channel. It receives its earlier addresses, so that it can listen there again. */
  readonly spawn: (earlier: ListenUrls) => ChildProcess;
  readonly timers: Timers;
  readonly onEvent: (event: StackEvent) => void;
  /** Called when the pid, URL or number of restarts has changed. */
  readonly onChange: () => void;
  /** Called when a process that was ready before cannot run any more. Earlier errors reject `start` instead. */
  readonly onFatalError: (error: StackError) => void;
}

/** The addresses on which a process listens; null until it first listens there. */
export interface ListenUrls {
  readonly url: string | null;
  /** Only for services that also speak gRPC. */
  readonly grpcUrl: string | null;
}

/** A process that restarts after a crash, with a backoff. */
export interface SupervisedProcess extends ListenUrls {
  readonly service: ServiceName;
  readonly title: string;
  /** Null while no process runs. */
  readonly identity: ProcessIdentity | null;
  /** The same as `url`, which contains no secret. */
  readonly publicUrl: string | null;
  readonly restarts: number;
  /** Resolves with the URL when the process is ready. Rejects with a `StackError` when it cannot start or `stop` comes first. */
  start(): Promise<string>;
  /** Disables restarts, because a signal to the process group may end the process before `stop` does. */
  disableRestart(): void;
  /** Drains the process, and kills it after `graceMs`. Resolves when it has ended. Disables restarts. */
  stop(graceMs: number): Promise<void>;
  /** Stops the process and starts a new one, which loads the current source code. */
  replace(graceMs: number): Promise<void>;
  /** Kills the process. Disables restarts. */
  kill(): void;
}

export function createSupervisedProcess(options: SupervisedProcessOptions): SupervisedProcess {
  const { service, title, timers, spawn, onEvent, onChange, onFatalError } = options;
  const backoff = createBackoff();
  const firstReady = Promise.withResolvers<string>();
  let identity: ProcessIdentity | null = null;
  let url: string | null = null;
  let grpcUrl: string | null = null;
  let restarts = 0;
  let child: ChildProcess | null = null;
  let childEnded: Promise<void> = Promise.resolve();
  let cancelTimer = () => {};
  let isStopping = false;
  let isReplacing = false;
  // `stop` may reject this promise before a caller of `start` handles it.
  firstReady.promise.catch(() => {});

  const report = (type: StackEvent['type'], message: string) => onEvent({ type, service, message });

  function launch(): void {
    const startedAt = timers.now();
    const launched = spawn({ url, grpcUrl });
    let wasReady = false;
    const ended = Promise.withResolvers<void>();
    child = launched;
    childEnded = ended.promise;
    identity = launched.pid === undefined ? null : identifyProcess(launched.pid);
    cancelTimer = timers.after(READY_TIMEOUT_MS, () => {
      report('killed', `${title} was not ready after ${READY_TIMEOUT_MS / 1000} s. Killed it.`);
      launched.kill('SIGKILL');
    });

    const onEnd = (reason: string, code: number | null) => {
      child = null;
      identity = null;
      ended.resolve();
      if (!isStopping && !isReplacing) onCrash(reason, code, wasReady ? timers.now() - startedAt : 0);
      onChange();
    };
    launched.once('exit', (code, signal) => onEnd(signal === null ? `exit code ${code}` : `killed by ${signal}`, code));
    // A process without a pid never started, and emits no `exit`.
    launched.on('error', (error) => launched.pid === undefined && onEnd(error.message, null));
    launched.on('message', (message) => {
      if (!isReadyMessage(message)) return;
      wasReady = true;
      onReady(message);
    });
    onChange();
  }

  function onReady(ready: ReadyMessage): void {
    cancelTimer();
    url = ready.url;
    grpcUrl = ready.grpcUrl ?? null;
    if (restarts > 0) report('recovered', `${title} is ready again.`);
    firstReady.resolve(ready.url);
    onChange();
  }

  function onCrash(reason: string, code: number | null, healthyUptimeMs: number): void {
    cancelTimer();
    const delayMs = backoff.delayAfter(healthyUptimeMs);
    if (code === EXIT_CONFIGURATION) {
      fail(`The ${title} cannot run. See the error above.`, EXIT_CONFIGURATION);
      return;
    }
    if (url === null && backoff.failures >= INITIAL_STARTS_MAX) {
      fail(`The ${title} stopped ${INITIAL_STARTS_MAX} times before it was ready (${reason}).`, 1);
      return;
    }
    const seconds = (delayMs / 1000).toFixed(1).replace(/\.0$/, '');
    report('crashed', `${title} stopped (${reason}). Restarting in ${seconds} s.`);
    restarts += 1;
    cancelTimer = timers.after(delayMs, launch);
  }

  function fail(message: string, exitCode: number): void {
    const error = new StackError(message, exitCode);
    if (url === null) firstReady.reject(error);
    else onFatalError(error);
  }

  async function terminate(graceMs: number): Promise<void> {
    const terminated = child;
    if (!terminated) return;
    terminated.kill('SIGTERM');
    const cancelKill = timers.after(graceMs, () => {
      report('killed', `${title} did not stop in time. Killed it.`);
      terminated.kill('SIGKILL');
    });
    await childEnded;
    cancelKill();
  }

  function disableRestart(): void {
    isStopping = true;
    cancelTimer();
    firstReady.reject(new StackError('The start was interrupted.'));
  }

  return {
    service,
    title,
    get identity() {
      return identity;
    },
    get url() {
      return url;
    },
    get grpcUrl() {
      return grpcUrl;
    },
    get publicUrl() {
      return url;
    },
    get restarts() {
      return restarts;
    },
    start() {
      launch();
      return firstReady.promise;
    },
    disableRestart,
    async stop(graceMs) {
      disableRestart();
      await terminate(graceMs);
    },
    async replace(graceMs) {
      if (isStopping || isReplacing) return;
      isReplacing = true;
      cancelTimer();
      await terminate(graceMs);
      isReplacing = false;
      if (isStopping) return;
      backoff.reset();
      launch();
    },
    kill() {
      isStopping = true;
      cancelTimer();
      child?.kill('SIGKILL');
    },
  };
}

interface ReadyMessage {
  readonly type: 'ready';
  readonly url: string;
  readonly grpcUrl?: string;
}

function isReadyMessage(message: unknown): message is ReadyMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready' && 'url' in message;
}
