import { randomUUID } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import type {
  CreateLabRun,
  CreatePrediction,
  Lab,
  LabEnvironment,
  LabPoint,
  LabProgress,
  LabRun,
  LabRunList,
  Prediction,
} from '@prodigon/contracts/workshop';
import { eventsOfType } from '../progress/progress-event.ts';
import { RunnerError } from '../runner/task-runner.ts';
import { createLiveRun, type LiveRun } from '../runs/live-run.ts';
import type { RunStore } from '../runs/run-store.ts';
import type { WorkshopTask } from '../tasks/read-task.ts';
import type { WorkshopContext } from '../workshop-context.ts';
import { composeRun, toRunSummary } from './compose-run.ts';
import { toPrediction } from './to-prediction.ts';

/** An event of a run, as `labEventSchemas` describes them. */
export type LabRunEvent =
  | { readonly event: 'run'; readonly data: LabRun }
  | { readonly event: 'progress'; readonly data: LabProgress }
  | { readonly event: 'point'; readonly data: LabPoint };

export interface ExperimentService {
  get(lab: string): Promise<Lab>;
  predict(lab: string, body: CreatePrediction): Promise<Prediction>;
  /** Throws `PREDICTION_REQUIRED` before the first prediction. */
  run(lab: string, body: CreateLabRun): Promise<LabRun>;
  list(lab: string): LabRunList;
  /** Throws `NOT_FOUND`. */
  find(lab: string, run: string): LabRun;
  cancel(lab: string, run: string): Promise<LabRun>;
  /** Returns the complete run, then its events, then the complete run at its end. */
  events(lab: string, run: string, signal: AbortSignal): AsyncIterable<LabRunEvent>;
}

export interface ExperimentServiceDependencies extends WorkshopContext {
  readonly store: RunStore<LabRun>;
  readonly environment: LabEnvironment;
}

export function createExperimentService(dependencies: ExperimentServiceDependencies): ExperimentService {
  const { catalog, progress, queue, descriptions, runner, store, now, environment, logger, recordEvent } = dependencies;
  const liveRuns = new Map<string, LiveRun<LabRun, LabRunEvent>>();
  const timestamp = () => now().toISOString();

  const predictionOf = ({ definition }: WorkshopTask): Prediction | null =>
    eventsOfType(progress.events(), 'predicted').findLast(({ lab }) => lab === definition.lab)?.prediction ?? null;

  function find(lab: string, id: string): LabRun {
    const run = liveRuns.get(id)?.run ?? store.find(id);
    if (run?.lab !== lab) throw new AppError('NOT_FOUND');
    return run;
  }

  /** Returns the runs of an experiment, newest first. */
  function runsOf(lab: string): LabRun[] {
    const live = [...liveRuns.values()].map(({ run }) => run).toReversed();
    const ended = store.list().filter(({ id }) => !liveRuns.has(id));
    return [...live, ...ended].filter((run) => run.lab === lab);
  }

  /** A full disk must not stop the queue. The run stays in memory. */
  function persist(write: () => void): void {
    try {
      write();
    } catch (error) {
      logger.warn({ err: error }, 'A run could not be stored');
    }
  }

  /** Stores the run with its final state and ends its events. */
  function finish(live: LiveRun<LabRun, LabRunEvent>, changes: Partial<LabRun>): void {
    const { progress: last } = live.run;
    live.update({
      ...changes,
      queue_position: 0,
      progress: { ...last, phase: 'finished', arm: null, seconds_left: 0, ...(changes.status === 'completed' && { share: 1 }) },
      completed_at: timestamp(),
    });
    const { id, task, lab, status, verdict } = live.run;
    persist(() => {
      store.save(live.run);
      recordEvent({ type: 'run_ended', task, lab, run: id, status, verdict: verdict?.status ?? null });
    });
    liveRuns.delete(id);
    live.publish({ event: 'run', data: live.run });
    live.end();
  }

  async function execute(live: LiveRun<LabRun, LabRunEvent>, task: WorkshopTask, signal: AbortSignal): Promise<void> {
    live.update({ status: 'running', queue_position: 0, started_at: timestamp() });
    persist(() => store.save(live.run));
    live.publish({ event: 'run', data: live.run });
    const { seed, is_quick: isQuick, workload, arms, prediction } = live.run;
    try {
      const outcome = await runner.runExperiment(
        { folder: task.folder, seed, isQuick, workload: workload.id, arms: arms.map(({ id }) => id), prediction },
        {
          signal,
          onProgress(data) {
            live.update({ progress: data });
            live.publish({ event: 'progress', data });
          },
          onPoint(data) {
            live.update({ points: [...live.run.points, data] });
            live.publish({ event: 'point', data });
          },
        },
      );
      finish(live, { ...outcome, status: 'completed' });
    } catch (error) {
      if (signal.aborted) finish(live, { status: 'cancelled' });
      else finish(live, { status: 'failed', problem: problemOf(error) });
    }
  }

  function enqueue(run: LabRun, task: WorkshopTask, title: string): LabRun {
    const live = createLiveRun<LabRun, LabRunEvent>(run);
    queue.add({
      ...{ id: run.id, kind: 'experiment', task: run.task, title },
      secondsLeft: () => live.run.progress.seconds_left,
      run: (signal) => execute(live, task, signal),
      onCancelled: () => finish(live, { status: 'cancelled' }),
      onMoved(position) {
        live.update({ queue_position: position });
        live.publish({ event: 'run', data: live.run });
      },
    });
    liveRuns.set(run.id, live);
    return live.run;
  }

  return {
    async get(lab) {
      const task = catalog.findByLab(lab);
      const description = await descriptions.experiment(task);
      const runs = runsOf(lab);
      return {
        ...description,
        id: lab,
        task: task.definition.id,
        prediction: predictionOf(task),
        active_run: runs.findLast(({ id }) => liveRuns.has(id))?.id ?? null,
        runs: runs.map(toRunSummary),
      };
    },
    async predict(lab, body) {
      const task = catalog.findByLab(lab);
      const { prediction_form } = await descriptions.experiment(task);
      const prediction: Prediction = { id: randomUUID(), ...toPrediction(prediction_form, body), created_at: timestamp() };
      recordEvent({ type: 'predicted', task: task.definition.id, lab, prediction });
      return prediction;
    },
    async run(lab, body) {
      const task = catalog.findByLab(lab);
      const prediction = predictionOf(task);
      if (!prediction) throw new AppError('PREDICTION_REQUIRED');
      const description = await descriptions.experiment(task);
      const run = composeRun(description, body, {
        ...{ id: randomUUID(), task: task.definition.id, prediction, environment, created_at: timestamp() },
        queue_position: queue.length,
      });
      return enqueue(run, task, description.title);
    },
    list: (lab) => {
      catalog.findByLab(lab);
      return { runs: runsOf(lab).map(toRunSummary) };
    },
    find,
    async cancel(lab, id) {
      find(lab, id);
      await queue.cancel(id);
      return find(lab, id);
    },
    async *events(lab, id, signal) {
      const live = liveRuns.get(id);
      const run = find(lab, id);
      if (!live) return yield { event: 'run', data: run };
      const events = live.events(signal);
      yield { event: 'run', data: run };
      yield* events;
    },
  };
}

const problemOf = (error: unknown): string =>
  error instanceof RunnerError ? error.problem : 'The experiment failed unexpectedly. The log of the lab service has the reason.';
