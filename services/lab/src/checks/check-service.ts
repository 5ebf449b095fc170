import { randomInt, randomUUID } from 'node:crypto';
import { AppError } from '@prodigon/contracts';
import { type CheckResult, type CheckRun, type CreateCheckRun, WORKSHOP_LIMITS } from '@prodigon/contracts/workshop';
import { RunnerError } from '../runner/task-runner.ts';
import { createLiveRun, type LiveRun } from '../runs/live-run.ts';
import type { RunStore } from '../runs/run-store.ts';
import { checkIdsOf, type WorkshopTask } from '../tasks/read-task.ts';
import type { WorkshopContext } from '../workshop-context.ts';

export interface CheckService {
  /** Throws `TASK_NOT_STARTED` if the learner has no copy. */
  run(task: WorkshopTask, body: CreateCheckRun): CheckRun;
  /** Throws `NOT_FOUND`. */
  find(task: WorkshopTask, id: string): CheckRun;
  /** Returns the newest run, which may be in progress. */
  last(task: WorkshopTask): CheckRun | null;
  /** Returns the newest result of each check from the runs since this time. */
  latestResults(task: WorkshopTask, since: Date): CheckResult[];
  cancel(task: WorkshopTask, id: string): Promise<CheckRun>;
  /** Returns the whole run immediately and after each change. */
  events(task: WorkshopTask, id: string, signal: AbortSignal): AsyncIterable<CheckRun>;
}

export interface CheckServiceDependencies extends WorkshopContext {
  readonly store: RunStore<CheckRun>;
}

export function createCheckService(dependencies: CheckServiceDependencies): CheckService {
  const { files, queue, runner, store, now, logger, recordEvent } = dependencies;
  const liveRuns = new Map<string, LiveRun<CheckRun, CheckRun>>();
  const timestamp = () => now().toISOString();

  function change(live: LiveRun<CheckRun, CheckRun>, changes: Partial<CheckRun>): void {
    live.update(changes);
    live.publish(live.run);
  }

  /** Stores the run with its final state and ends its events. */
  function finish(live: LiveRun<CheckRun, CheckRun>, task: WorkshopTask, changes: Partial<CheckRun>): void {
    live.update({ ...changes, queue_position: 0, completed_at: timestamp() });
    const { id, status, results, checks_total } = live.run;
    try {
      store.save(live.run);
      recordEvent({
        ...{ type: 'checks_ended', task: task.definition.id, run: id, status },
        is_whole: checks_total === checkIdsOf(task.definition).length,
        results: Object.fromEntries(results.map(({ check, status }) => [check, status])),
      });
    } catch (error) {
      // A full disk must not stop the queue. The run stays in memory.
      logger.warn({ err: error }, 'A check run could not be stored');
    }
    liveRuns.delete(id);
    live.publish(live.run);
    live.end();
  }

  async function execute(
    live: LiveRun<CheckRun, CheckRun>,
    { task, only }: { task: WorkshopTask; only: readonly string[] | null },
    signal: AbortSignal,
  ): Promise<void> {
    change(live, { status: 'running', queue_position: 0 });
    try {
      const { problem } = await runner.runChecks(
        { folder: task.folder, learnerFolder: files.folderOf(task), seed: live.run.seed, only },
        { signal, onResult: (result) => change(live, { results: [...live.run.results, result] }) },
      );
      finish(live, task, { status: 'completed', problem });
    } catch (error) {
      if (signal.aborted) finish(live, task, { status: 'cancelled' });
      else finish(live, task, { status: 'failed', problem: problemOf(error) });
    }
  }

  function find({ definition }: WorkshopTask, id: string): CheckRun {
    const run = liveRuns.get(id)?.run ?? store.find(id);
    if (run?.task !== definition.id) throw new AppError('NOT_FOUND');
    return run;
  }

  return {
    run(task, { seed, only }) {
      const checks = checkIdsOf(task.definition);
      const unknown = only?.find((check) => !checks.includes(check));
      if (unknown) {
        const details = [{ path: 'only', message: `Must be one of ${checks.join(', ')}` }];
        throw new AppError('VALIDATION_ERROR', undefined, { details });
      }
      if (!files.isStarted(task)) throw new AppError('TASK_NOT_STARTED');
      const live = createLiveRun<CheckRun, CheckRun>({
        id: randomUUID(),
        task: task.definition.id,
        status: 'queued',
        queue_position: queue.length,
        seed: seed ?? randomInt(WORKSHOP_LIMITS.seedMax),
        checks_total: new Set(only ?? checks).size,
        results: [],
        problem: null,
        created_at: timestamp(),
        completed_at: null,
      });
      queue.add({
        ...{ id: live.run.id, kind: 'checks', task: task.definition.id, title: `Checks: ${task.definition.title}` },
        secondsLeft: () => null,
        run: (signal) => execute(live, { task, only: only ?? null }, signal),
        onCancelled: () => finish(live, task, { status: 'cancelled' }),
        onMoved: (position) => change(live, { queue_position: position }),
      });
      liveRuns.set(live.run.id, live);
      return live.run;
    },
    find,
    last({ definition }) {
      const live = [...liveRuns.values()].map(({ run }) => run).findLast((run) => run.task === definition.id);
      return live ?? store.list().find((run) => run.task === definition.id) ?? null;
    },
    latestResults({ definition }, since) {
      const newestFirst = [...[...liveRuns.values()].map(({ run }) => run).toReversed(), ...store.list()];
      const results = newestFirst
        .filter(({ task, created_at }) => task === definition.id && Date.parse(created_at) >= since.getTime())
        .flatMap((run) => run.results)
        .filter(({ status }) => status !== 'skipped');
      return checkIdsOf(definition).flatMap((id) => results.find(({ check }) => check === id) ?? []);
    },
    async cancel(task, id) {
      find(task, id);
      await queue.cancel(id);
      return find(task, id);
    },
    async *events(task, id, signal) {
      const live = liveRuns.get(id);
      const run = find(task, id);
      const events = live?.events(signal);
      yield run;
      if (events) yield* events;
    },
  };
}

const problemOf = (error: unknown): string =>
  error instanceof RunnerError ? error.problem : 'The checks failed unexpectedly. The log of the lab service has the reason.';
