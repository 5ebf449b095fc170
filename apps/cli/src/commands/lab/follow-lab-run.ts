import type { WorkshopApi } from '@prodigon/api-client/workshop';
import type { LabProgress, LabRun } from '@prodigon/contracts/workshop';
import type { CommandContext } from '../../command.ts';
import { formatSeconds } from '../../format-numbers.ts';
import { INTERRUPTED_EXIT_CODE } from '../../interrupt-signal.ts';
import { formatProgressLine } from '../../progress-bar.ts';
import type { LineOptions } from '../../progress-display.ts';
import { textOptionsOf } from '../../text-glyphs.ts';
import { writeJson } from '../../write-json.ts';
import { describeQueue, followRun, hasEnded } from './follow-run.ts';
import { LAB_EXIT_CODES } from './lab-command.ts';
import { formatVerdictCard } from './verdict-card.ts';

const PHASE_LABELS: Record<LabProgress['phase'], string> = {
  queued: 'queued',
  starting: 'starting the platforms',
  warming_up: 'warming up',
  measuring: 'measuring',
  evaluating: 'evaluating',
  finished: 'finished',
};

export interface FollowOptions {
  /** Whether Ctrl-C stops the run, or only the display. */
  readonly isStoppable: boolean;
  readonly json: boolean | undefined;
}

/** Shows the progress of a run of an experiment until it ends, prints its verdict and returns the exit code. */
export async function followLabRun(
  workshop: WorkshopApi,
  first: LabRun,
  { isStoppable, json }: FollowOptions,
  context: CommandContext,
): Promise<number> {
  const parameters = { lab: first.lab, run: first.id };
  async function* watch(signal: AbortSignal, onConnection: (isOpen: boolean) => void) {
    let run = first;
    for await (const { event, data } of workshop.watchLabRun(parameters, { signal, onConnection })) {
      if (event === 'run') run = data;
      else if (event === 'progress') run = { ...run, status: 'running', progress: data };
      else continue;
      yield run;
    }
  }
  const { run, isInterrupted } = await followRun<LabRun>(
    {
      run: first,
      watch,
      get: (signal) => workshop.getLabRun(parameters, undefined, signal),
      cancel: isStoppable ? (signal) => workshop.cancelLabRun(parameters, undefined, signal) : undefined,
      format: formatProgress,
      phaseOf: ({ progress }) => progress.phase,
    },
    context,
  );
  if (!hasEnded(run)) {
    const consequence = isStoppable ? 'The run is being stopped.' : 'The run continues.';
    context.stderr.write(`${consequence} Show it: ./prodigon lab watch ${run.task}\n`);
    return INTERRUPTED_EXIT_CODE;
  }
  if (json) writeJson(run, context);
  else if (run.verdict) context.stdout.write(`${formatVerdictCard(run, textOptionsOf(context))}\n`);
  return reportEnd(run, isInterrupted, json === true, context);
}

function reportEnd(run: LabRun, isInterrupted: boolean, isJson: boolean, { stderr }: CommandContext): number {
  if (run.status === 'completed') {
    if (!isJson) stderr.write(`${describeNextStep(run)}\n`);
    return 0;
  }
  stderr.write(
    run.status === 'cancelled' ? 'The run was stopped, so there is no verdict.\n' : `The run failed. ${run.problem ?? ''}\n`,
  );
  return isInterrupted ? INTERRUPTED_EXIT_CODE : LAB_EXIT_CODES.couldNotRun;
}

const describeNextStep = ({ verdict, task, is_quick: isQuick }: LabRun): string =>
  verdict?.status === 'INVALID'
    ? `The run decides nothing. Close other programs and repeat it:\n  Run  ./prodigon lab run ${task}${isQuick ? ' --quick' : ''}`
    : `  Exercise  ./prodigon lab start ${task}`;

function formatProgress({ progress, arms, queue_position: position }: LabRun, { columns, isConnected }: LineOptions): string {
  const {
    phase,
    arm,
    blocks_done: done,
    blocks_total: total,
    measurements_repeated: repeated = 0,
    seconds_left: secondsLeft,
  } = progress;
  const parts = [
    phase === 'queued' ? describeQueue(position) : PHASE_LABELS[phase],
    ...(isConnected ? [] : ['connection lost, reconnecting']),
    ...(total > 0 && phase !== 'queued' && phase !== 'finished' ? [`block ${done}/${total}`] : []),
    ...(repeated > 0 && phase === 'measuring' ? [`${repeated} repeated`] : []),
    ...(secondsLeft === null || phase === 'finished' ? [] : [`${formatSeconds(secondsLeft)} left`]),
    ...(arm === null ? [] : [arms.find(({ id }) => id === arm)?.label ?? arm]),
  ];
  return formatProgressLine(progress.share, parts, columns);
}
