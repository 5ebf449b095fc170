import type { WorkshopApi } from '@prodigon/api-client/workshop';
import type { CheckRun, Task } from '@prodigon/contracts/workshop';
import type { CommandContext } from '../../command.ts';
import { INTERRUPTED_EXIT_CODE } from '../../interrupt-signal.ts';
import { formatProgressLine } from '../../progress-bar.ts';
import type { LineOptions } from '../../progress-display.ts';
import { textOptionsOf } from '../../text-glyphs.ts';
import { writeJson } from '../../write-json.ts';
import { formatCheckReport } from './check-report.ts';
import type { FollowOptions } from './follow-lab-run.ts';
import { describeQueue, followRun, hasEnded } from './follow-run.ts';
import { LAB_EXIT_CODES } from './lab-command.ts';

/** Shows the progress of a run of the checks until it ends, prints its results and returns the exit code. */
export async function followCheckRun(
  workshop: WorkshopApi,
  task: Pick<Task, 'id' | 'stages'>,
  first: CheckRun,
  { isStoppable, json }: FollowOptions,
  context: CommandContext,
): Promise<number> {
  const parameters = { task: first.task, run: first.id };
  async function* watch(signal: AbortSignal, onConnection: (isOpen: boolean) => void) {
    for await (const { event, data } of workshop.watchCheckRun(parameters, { signal, onConnection }))
      if (event === 'run') yield data;
  }
  const { run, isInterrupted } = await followRun<CheckRun>(
    {
      run: first,
      watch,
      get: (signal) => workshop.getCheckRun(parameters, undefined, signal),
      cancel: isStoppable ? (signal) => workshop.cancelCheckRun(parameters, undefined, signal) : undefined,
      format: formatProgress,
      phaseOf: ({ status }) => status,
    },
    context,
  );
  if (!hasEnded(run)) {
    const consequence = isStoppable ? 'The checks are being stopped.' : 'The checks continue.';
    context.stderr.write(`${consequence} Show them: ./prodigon lab watch ${run.task}\n`);
    return INTERRUPTED_EXIT_CODE;
  }
  if (json) writeJson(run, context);
  else context.stdout.write(`${formatCheckReport(run, task, textOptionsOf(context))}\n`);
  if (run.status === 'cancelled') context.stderr.write('The checks were stopped.\n');
  if (isInterrupted) return INTERRUPTED_EXIT_CODE;
  return exitCodeOf(run);
}

/** Returns 0 when every check passed, 1 when one failed or the learner's code cannot be loaded, and 3 otherwise. */
function exitCodeOf({ status, results, problem }: CheckRun): number {
  if (status !== 'completed') return LAB_EXIT_CODES.couldNotRun;
  const hasPassed = problem === null && results.every((result) => result.status === 'passed');
  return hasPassed ? 0 : LAB_EXIT_CODES.checkFailed;
}

function formatProgress(run: CheckRun, { columns, isConnected }: LineOptions): string {
  const { results, checks_total: total, status, queue_position: position } = run;
  const failed = results.filter((result) => result.status === 'failed').length;
  const parts = [
    status === 'queued' ? describeQueue(position) : `${results.length}/${total} checks`,
    ...(isConnected ? [] : ['connection lost, reconnecting']),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return formatProgressLine(total === 0 ? 0 : results.length / total, parts, columns);
}
