import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from '@prodigon/platform';
import type { RunnerCommand, RunnerMessage } from './runner-messages.ts';
import { killGroup, type RunnerRecord } from './runner-record.ts';
import { RunnerError, type TaskRunner } from './task-runner.ts';

export interface ChildTaskRunnerOptions {
  /** The file that the process runs. It calls `runRunnerProcess`. */
  readonly entry: string;
  /** The working directory. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly record: RunnerRecord;
  readonly logger: Pick<Logger, 'warn'>;
  /** The time from SIGTERM to SIGKILL. */
  readonly cancelGraceMs?: number;
}

const CANCEL_GRACE_MS = 15_000;
/** The code of a task that needs longer for its description probably has an endless loop. */
const DESCRIBE_TIMEOUT_MS = 60_000;
const SWEEP_TIMEOUT_MS = 60_000;
const OUTPUT_CHARACTERS_LOGGED = 4_000;
/** The only variables that the runner process receives, so that the learner's code finds no secrets. */
const VARIABLES_PASSED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_COMPILE_CACHE'] as const;

/**
 * Creates a runner that runs each command in a process of its own, which leads a process group. However the process ends,
 * its whole group has ended when a method resolves or rejects.
 */
export function createChildTaskRunner(options: ChildTaskRunnerOptions): TaskRunner {
  const { entry, directory, env, record, logger, cancelGraceMs = CANCEL_GRACE_MS } = options;

  async function execute(
    command: RunnerCommand,
    { signal, onMessage = () => {} }: { signal: AbortSignal; onMessage?: (message: RunnerMessage) => void },
  ): Promise<unknown> {
    signal.throwIfAborted();
    const child = spawn(process.execPath, ['--disable-sigusr1', entry], {
      cwd: directory,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: Object.fromEntries(VARIABLES_PASSED.map((name) => [name, env[name]])),
    });
    const { last, exit, output } = await converse(child, command, signal, onMessage);
    signal.throwIfAborted();
    if (last?.type === 'done') return last.value;
    if (last?.type === 'failed') {
      logger.warn({ command: command.type, reason: last.reason }, 'The runner failed');
      throw new RunnerError(last.problem);
    }
    logger.warn({ command: command.type, exit, output }, 'The runner process ended early');
    if (command.type === 'runExperiment') await removeLeftovers();
    throw new RunnerError(`The runner process ended early (${exit}).`);
  }

  async function converse(
    child: ChildProcess,
    command: RunnerCommand,
    signal: AbortSignal,
    onMessage: (message: RunnerMessage) => void,
  ): Promise<{ last: RunnerMessage | null; exit: string; output: string }> {
    const { pid } = child;
    const exited = waitForExit(child);
    let last = null as RunnerMessage | null;
    let output = '';
    let killTimer: NodeJS.Timeout | undefined;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_LOGGED);
    });
    child.on('message', (message: RunnerMessage) => {
      if (message.type === 'done' || message.type === 'failed') last = message;
      else if (!signal.aborted) onMessage(message);
    });
    const onAbort = () => {
      child.kill('SIGTERM');
      killTimer = setTimeout(() => pid && killGroup(pid), cancelGraceMs);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (pid) record.write(pid);
      child.send(command, () => {});
      return { exit: await exited, last, output };
    } finally {
      signal.removeEventListener('abort', onAbort);
      clearTimeout(killTimer);
      if (pid) killGroup(pid);
      if (pid) record.remove(pid);
    }
  }

  /** A killed experiment leaves the folders of its platforms. */
  async function removeLeftovers(): Promise<void> {
    await execute({ type: 'sweep' }, { signal: AbortSignal.timeout(SWEEP_TIMEOUT_MS) }).catch((error: unknown) =>
      logger.warn({ err: error }, 'The folders of a killed experiment could not be removed'),
    );
  }

  const describe = (command: RunnerCommand) => execute(command, { signal: AbortSignal.timeout(DESCRIBE_TIMEOUT_MS) });

  return {
    describeExperiment: (folder) =>
      describe({ type: 'describeExperiment', folder }) as ReturnType<TaskRunner['describeExperiment']>,
    describeChecks: (folder) => describe({ type: 'describeChecks', folder }) as ReturnType<TaskRunner['describeChecks']>,
    runExperiment: (request, { signal, onProgress, onPoint }) =>
      execute(
        { type: 'runExperiment', request },
        {
          signal,
          onMessage(message) {
            if (message.type === 'progress') onProgress(message.progress);
            if (message.type === 'point') onPoint(message.point);
          },
        },
      ) as ReturnType<TaskRunner['runExperiment']>,
    runChecks: (request, { signal, onResult }) =>
      execute(
        { type: 'runChecks', request },
        { signal, onMessage: (message) => message.type === 'result' && onResult(message.result) },
      ) as ReturnType<TaskRunner['runChecks']>,
    async sweep() {
      await execute({ type: 'sweep' }, { signal: AbortSignal.timeout(SWEEP_TIMEOUT_MS) });
    },
  };
}

/**
 * Resolves when the process has ended and all its messages have arrived, with how it ended, e.g. `exit code 1` or `SIGKILL`.
 * Never rejects. It does not wait for processes that inherited the output.
 */
async function waitForExit(child: ChildProcess): Promise<string> {
  const disconnected = new Promise<void>((resolve) => child.once('disconnect', resolve));
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve(error.code ?? 'not started');
    });
  });
  const exit = await exited;
  if (child.pid !== undefined) await disconnected;
  return exit;
}
