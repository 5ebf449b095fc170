import {
  applySolutionSchema,
  createCheckRunSchema,
  createHintSchema,
  createLabRunSchema,
  createPredictionSchema,
  createVisitSchema,
  type WorkshopOperationName,
} from '@prodigon/contracts/workshop';
import { type Lifecycle, parseInput, sseFrame } from '@prodigon/platform';
import type { LabCall, LabClient } from '@prodigon/ports';
import type { ActivityQueue } from './activities/activity-queue.ts';
import type { CheckService } from './checks/check-service.ts';
import type { ExperimentService } from './experiments/experiment-service.ts';
import type { TaskCatalog } from './tasks/task-catalog.ts';
import type { TaskService } from './tasks/task-service.ts';

export interface LabClientDependencies {
  readonly catalog: TaskCatalog;
  readonly tasks: TaskService;
  readonly checks: CheckService;
  readonly experiments: ExperimentService;
  readonly queue: Pick<ActivityQueue, 'list'>;
  readonly lifecycle: Pick<Lifecycle, 'draining'>;
}

type EventOperation = 'watchCheckRun' | 'watchLabRun';
type Handler<Result> = (call: LabCall, signal: AbortSignal) => Result;
type CallHandlers = { readonly [Name in Exclude<WorkshopOperationName, EventOperation>]: Handler<unknown> };
type EventHandlers = { readonly [Name in EventOperation]: Handler<AsyncIterable<string>> };

/** Creates the client of the services in this process. */
export function createLabClient({ catalog, tasks, checks, experiments, queue, lifecycle }: LabClientDependencies): LabClient {
  const taskOf = ({ params }: LabCall) => catalog.find(params.task ?? '');
  const labOf = ({ params }: LabCall) => params.lab ?? '';
  const runOf = ({ params }: LabCall) => params.run ?? '';

  const calls: CallHandlers = {
    getWorkshop: () => tasks.list(),
    getTask: (call) => tasks.get(taskOf(call)),
    visitSection: (call) => tasks.visit(taskOf(call), parseInput(createVisitSchema, call.body)),
    startTask: (call) => tasks.start(taskOf(call)),
    resetTask: (call) => tasks.reset(taskOf(call)),
    getTaskFiles: (call) => tasks.files(taskOf(call)),
    applySolution: (call) => tasks.applySolution(taskOf(call), parseInput(applySolutionSchema, call.body)),
    showHint: (call) => tasks.showHint(taskOf(call), parseInput(createHintSchema, call.body)),
    createCheckRun: (call) => checks.run(taskOf(call), parseInput(createCheckRunSchema, call.body)),
    getCheckRun: (call) => checks.find(taskOf(call), runOf(call)),
    cancelCheckRun: (call) => checks.cancel(taskOf(call), runOf(call)),
    getLabStatus: () => ({ activities: queue.list() }),
    getLab: (call) => experiments.get(labOf(call)),
    createPrediction: (call) => experiments.predict(labOf(call), parseInput(createPredictionSchema, call.body)),
    createLabRun: (call) => experiments.run(labOf(call), parseInput(createLabRunSchema, call.body)),
    listLabRuns: (call) => experiments.list(labOf(call)),
    getLabRun: (call) => experiments.find(labOf(call), runOf(call)),
    cancelLabRun: (call) => experiments.cancel(labOf(call), runOf(call)),
  };

  const events: EventHandlers = {
    async *watchCheckRun(call, signal) {
      for await (const run of checks.events(taskOf(call), runOf(call), signal)) yield sseFrame('run', run);
    },
    async *watchLabRun(call, signal) {
      for await (const { event, data } of experiments.events(labOf(call), runOf(call), signal)) yield sseFrame(event, data);
    },
  };

  /** Encodes events, and adds the event `end` unless the signal has aborted. */
  async function* toBytes(frames: AsyncIterable<string>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const frame of frames) yield Buffer.from(frame);
    if (!signal.aborted) yield Buffer.from(sseFrame('end', {}));
  }

  return {
    call: async (call, { signal }) => calls[call.operation as keyof CallHandlers](call, signal),
    async events(call, context) {
      // An unknown run must fail before the first byte, so that the error becomes a status.
      if (call.operation === 'watchCheckRun') checks.find(taskOf(call), runOf(call));
      else experiments.find(labOf(call), runOf(call));
      const signal = AbortSignal.any([context.signal, lifecycle.draining]);
      return toBytes(events[call.operation as EventOperation](call, signal), signal);
    },
  };
}
