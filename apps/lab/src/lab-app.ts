import { join } from 'node:path';
import { createChildTaskRunner, createLabService, createRunnerRecord } from '@prodigon/lab-service';
import {
  createHttpServer,
  createInternalContextFactory,
  healthRoutes,
  isRoot,
  LAB_PORT_DEFAULT,
  type ProcessParts,
  prepareProcess,
  REPOSITORY_ROOT,
  serviceUserOf,
} from '@prodigon/platform';
import { prepareLearnerDirectory } from './learner-directory.ts';

const service = 'lab';
/** Callers set their own, shorter deadlines. */
const CALL_TIMEOUT_MS = 3_600_000;

export interface LabAppOptions {
  readonly workshopDirectory?: string;
  readonly learnerDirectory?: string;
  /** The file of the runner process. It runs from source, because the tasks that it loads import the same modules. */
  readonly runnerEntry?: string;
}

/** Builds the lab service as a process. */
export async function buildLabApp(env: NodeJS.ProcessEnv, options: LabAppOptions = {}): Promise<ProcessParts> {
  const {
    workshopDirectory = join(REPOSITORY_ROOT, 'workshop'),
    learnerDirectory = join(REPOSITORY_ROOT, 'my'),
    runnerEntry = join(REPOSITORY_ROOT, 'services/lab/src/runner/runner-main.ts'),
  } = options;
  const { configuration, internalToken, logger, metrics, lifecycle, identity } = prepareProcess({ service, env });
  const user = isRoot() ? serviceUserOf(env) : null;
  prepareLearnerDirectory(learnerDirectory, null);
  const record = createRunnerRecord({ directory: learnerDirectory });
  const { recorded, killed } = record.killLeftovers();
  for (const pid of killed) logger.warn({ pid }, 'Killed a runner process of an earlier start');
  const runner = createChildTaskRunner({ entry: runnerEntry, directory: REPOSITORY_ROOT, env, record, logger });
  const lab = createLabService({ workshopDirectory, learnerDirectory, runner, lifecycle, logger });
  if (recorded > 0)
    runner
      .sweep()
      .catch((error) => logger.warn({ err: error }, 'The processes and folders of an earlier experiment could not be removed'));
  // The files that this process wrote as root must belong to the user, too.
  prepareLearnerDirectory(learnerDirectory, user);
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { internalToken, openMetrics: false },
    http2: true,
    plugins: [
      lab.routes({ createContext: createInternalContextFactory({ lifecycle, timeoutMs: CALL_TIMEOUT_MS }) }),
      healthRoutes({ service, ...identity, lifecycle, metrics }),
    ],
  });
  // Otherwise an experiment would continue until the open calls end.
  lifecycle.draining.addEventListener('abort', () => void lab.close());
  return {
    service,
    server,
    host: configuration.INTERNAL_HOST,
    port: configuration.LAB_PORT ?? LAB_PORT_DEFAULT,
    portVariable: 'LAB_PORT',
    lifecycle,
    logger,
    closers: [() => lab.close()],
  };
}
