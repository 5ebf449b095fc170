import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkRunSchema, labRunSchema } from '@prodigon/contracts/workshop';
import { describeEnvironment } from '@prodigon/lab/environment';
import type { Lifecycle, Logger } from '@prodigon/platform';
import type { CallContext, LabClient } from '@prodigon/ports';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { createActivityQueue } from './activities/activity-queue.ts';
import { createCheckService } from './checks/check-service.ts';
import { createExperimentService } from './experiments/experiment-service.ts';
import { labRoutes } from './lab.routes.ts';
import { createLabClient } from './lab-client.ts';
import { createProgressStore } from './progress/progress-store.ts';
import { createTaskDescriptions } from './runner/task-descriptions.ts';
import type { TaskRunner } from './runner/task-runner.ts';
import { createRunStore } from './runs/run-store.ts';
import { createLearnerFiles } from './tasks/learner-files.ts';
import { loadTaskCatalog } from './tasks/task-catalog.ts';
import { createTaskService } from './tasks/task-service.ts';
import type { WorkshopContext } from './workshop-context.ts';

export { createChildTaskRunner } from './runner/child-task-runner.ts';
export { runRunnerProcess } from './runner/run-runner-process.ts';
export { createRunnerRecord } from './runner/runner-record.ts';
export * from './runner/task-runner.ts';

export interface LabServiceDependencies {
  /** The folder of the tasks, e.g. `workshop`. */
  readonly workshopDirectory: string;
  /** The learner's folder, e.g. `my`, with copies, progress and runs. */
  readonly learnerDirectory: string;
  readonly runner: TaskRunner;
  readonly lifecycle: Lifecycle;
  readonly logger: Pick<Logger, 'warn'>;
  readonly now?: () => Date;
}

export interface LabService {
  /** Client for callers in the same process. */
  readonly client: LabClient;
  /** Routes for callers in other processes. */
  routes(options: { createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext }): FastifyPluginAsync;
  /** Cancels all experiments and checks, and waits until their processes have ended. */
  close(): Promise<void>;
}

/** Creates the service that runs the experiments and checks of the workshop and keeps the learner's progress. */
export function createLabService(dependencies: LabServiceDependencies): LabService {
  const { workshopDirectory, learnerDirectory, runner, lifecycle, logger, now = () => new Date() } = dependencies;
  const onProblem = (message: string) => logger.warn(message);
  mkdirSync(learnerDirectory, { recursive: true });
  const progress = createProgressStore({ directory: learnerDirectory });
  const queue = createActivityQueue();
  const context: WorkshopContext = {
    catalog: loadTaskCatalog({ workshopDirectory, onProblem }),
    progress,
    files: createLearnerFiles({ learnerDirectory, now }),
    queue,
    descriptions: createTaskDescriptions({ runner }),
    runner,
    logger,
    now,
    recordEvent: (event) => progress.append({ ...event, at: now().toISOString() }),
  };
  const storeOptions = { now, onProblem };
  const checks = createCheckService({
    ...context,
    store: createRunStore({ ...storeOptions, directory: join(learnerDirectory, 'checks'), schema: checkRunSchema }),
  });
  const experiments = createExperimentService({
    ...context,
    store: createRunStore({
      ...{ ...storeOptions, directory: join(learnerDirectory, 'runs'), schema: labRunSchema },
      interrupt: ({ progress }) => ({
        queue_position: 0,
        progress: { ...progress, phase: 'finished', arm: null, seconds_left: 0 },
      }),
      onInterrupted: ({ id, task, lab, status }) =>
        context.recordEvent({ type: 'run_ended', task, lab, run: id, status, verdict: null }),
    }),
    environment: describeEnvironment(),
  });
  const tasks = createTaskService({ ...context, checks });
  const client = createLabClient({ ...context, tasks, checks, experiments, lifecycle });
  return {
    client,
    routes: ({ createContext }) => labRoutes({ client, createContext }) as FastifyPluginAsync,
    close: () => queue.close(),
  };
}
