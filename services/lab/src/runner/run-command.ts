import type { RunnerCommand, RunnerMessage } from './runner-messages.ts';
import { RunnerError, type TaskRunner } from './task-runner.ts';

const UNEXPECTED = 'The runner failed unexpectedly. The log of the lab service has the reason.';

/** Runs a command and reports what happens, up to its last message. Never rejects. */
export async function runCommand(
  runner: TaskRunner,
  command: RunnerCommand,
  { signal, send }: { signal: AbortSignal; send: (message: RunnerMessage) => void },
): Promise<RunnerMessage> {
  try {
    return { type: 'done', value: await execute(runner, command, signal, send) };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { type: 'failed', problem: error instanceof RunnerError ? error.problem : UNEXPECTED, reason };
  }
}

function execute(
  runner: TaskRunner,
  command: RunnerCommand,
  signal: AbortSignal,
  send: (message: RunnerMessage) => void,
): Promise<unknown> {
  switch (command.type) {
    case 'describeExperiment':
      return runner.describeExperiment(command.folder);
    case 'describeChecks':
      return runner.describeChecks(command.folder);
    case 'runExperiment':
      return runner.runExperiment(command.request, {
        signal,
        onProgress: (progress) => send({ type: 'progress', progress }),
        onPoint: (point) => send({ type: 'point', point }),
      });
    case 'runChecks':
      return runner.runChecks(command.request, { signal, onResult: (result) => send({ type: 'result', result }) });
    case 'sweep':
      return runner.sweep();
  }
}
