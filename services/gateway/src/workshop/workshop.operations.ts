import type { ErrorCode } from '@prodigon/contracts';
import {
  checkEventSchemas,
  labEventSchemas,
  WORKSHOP_OPERATIONS,
  type WorkshopOperationName,
} from '@prodigon/contracts/workshop';
import { eventSchema, type Operation, type OperationContent, SERVICE_ERRORS } from '@prodigon/platform';
import { z } from 'zod';
import * as examples from './workshop.examples.ts';

interface Description {
  readonly summary: string;
  readonly description: string;
  /** Of the response body. For an event stream, of its frames. */
  readonly example: unknown;
  readonly request?: Readonly<Record<string, unknown>>;
  /** The schema of one event, for event streams. */
  readonly event?: z.ZodType;
  readonly errors?: readonly ErrorCode[];
}

const COMMON_ERRORS = ['NOT_FOUND', 'LABS_DISABLED', 'INSUFFICIENT_STORAGE', ...SERVICE_ERRORS] as const;

const frames = (...events: readonly (readonly [string, unknown])[]) =>
  events.map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join('');

const DESCRIPTIONS: Readonly<Record<WorkshopOperationName, Description>> = {
  getWorkshop: {
    summary: 'List tasks and progress',
    description: 'Returns the parts of the workshop with their tasks, your progress, and where you left off.',
    example: examples.workshop,
  },
  getTask: {
    summary: 'Get a task',
    description: 'Returns the goals, stages and checks of a task, the hints that you have seen, and your last check run.',
    example: examples.task,
  },
  visitSection: {
    summary: 'Record a visit',
    description: 'Records that you opened a section of the lesson, so that you can continue there.',
    request: { section: { section: 'predict' } },
    example: examples.task,
  },
  startTask: {
    summary: 'Start a task',
    description: 'Copies the starter to your own folder. Does nothing if you have a copy.',
    example: examples.files,
  },
  resetTask: {
    summary: 'Reset your copy',
    description: 'Replaces your copy with the starter. A backup of your copy stays in the folder `my/`.',
    example: examples.files,
    errors: ['TASK_NOT_STARTED'],
  },
  getTaskFiles: {
    summary: 'List your files',
    description: 'Returns the files of your copy beside those of the starter.',
    example: examples.files,
  },
  applySolution: {
    summary: 'Apply the solution',
    description: 'Copies the solution over your copy, and keeps a backup. Requires one run of all checks, unless you force it.',
    request: { forced: { force: true }, unforced: {} },
    example: examples.files,
    errors: ['CONFLICT', 'TASK_NOT_STARTED'],
  },
  showHint: {
    summary: 'Show the next hint',
    description: 'Returns the next of the three hints for a check. The third one repeats.',
    request: { check: { check: 'explicit-zero' } },
    example: examples.hint,
  },
  createCheckRun: {
    summary: 'Run the checks',
    description: 'Runs the checks on your copy, after the activities in the queue. The seed determines the generated inputs.',
    request: { all: {}, one: { only: ['explicit-zero'], seed: 7 } },
    example: examples.queuedCheckRun,
    errors: ['TASK_NOT_STARTED'],
  },
  getCheckRun: {
    summary: 'Get a check run',
    description: 'Returns a run of the checks with its results so far.',
    example: examples.checkRun,
  },
  watchCheckRun: {
    summary: 'Watch a check run',
    description: 'Returns server-sent events: `run` immediately and after each change, and `end`.',
    event: eventSchema('CheckEvent', checkEventSchemas),
    example: frames(['run', examples.checkRun], ['end', {}]),
  },
  cancelCheckRun: {
    summary: 'Cancel a check run',
    description: 'Stops the run, or removes it from the queue. Does nothing to a run that has ended.',
    example: { ...examples.checkRun, status: 'cancelled' },
  },
  getLabStatus: {
    summary: 'List activities',
    description: 'Returns the experiment or check run that runs now, and the queue.',
    example: examples.status,
  },
  getLab: {
    summary: 'Get an experiment',
    description: 'Returns the claim, arms, workloads and metrics of an experiment, your newest prediction, and its runs.',
    example: examples.lab,
  },
  createPrediction: {
    summary: 'Predict the result',
    description: 'Stores your prediction. An experiment runs only after one.',
    request: { choice: { choice: 'twice', reason: 'Protobuf messages are smaller.' } },
    example: examples.prediction,
  },
  createLabRun: {
    summary: 'Run an experiment',
    description: 'Runs the experiment, after the activities in the queue. Returns its run, which you can watch.',
    request: { quick: { quick: true, seed: 7 } },
    example: examples.queuedRun,
    errors: ['PREDICTION_REQUIRED'],
  },
  listLabRuns: {
    summary: 'List runs',
    description: 'Returns the runs of an experiment, newest first.',
    example: examples.runs,
  },
  getLabRun: {
    summary: 'Get a run',
    description: 'Returns a run with its points, estimates and verdict.',
    example: examples.run,
  },
  watchLabRun: {
    summary: 'Watch a run',
    description:
      'Returns server-sent events: `run` with the whole run, `progress` and `point` while it runs, `run` with the result, and `end`.',
    event: eventSchema('LabEvent', labEventSchemas),
    example: frames(
      ['run', examples.queuedRun],
      ['progress', examples.run.progress],
      ['point', examples.run.points[0]],
      ['run', examples.run],
      ['end', {}],
    ),
  },
  cancelLabRun: {
    summary: 'Cancel a run',
    description: 'Stops the experiment and its processes, or removes it from the queue. Does nothing to a run that has ended.',
    example: { ...examples.queuedRun, status: 'cancelled' },
  },
};

function toOperation(name: WorkshopOperationName): Operation {
  const { summary, description, example, request, event, errors = [] } = DESCRIPTIONS[name];
  const operation = WORKSHOP_OPERATIONS[name];
  const content: Readonly<Record<string, OperationContent>> = event
    ? { 'text/event-stream': { schema: z.string(), items: event, examples: { events: example } } }
    : { 'application/json': { schema: operation.response ?? z.unknown(), examples: { response: example } } };
  return {
    operationId: name,
    tag: 'workshop',
    summary,
    description,
    ...('body' in operation && { body: { 'application/json': { schema: operation.body, examples: request ?? {} } } }),
    responses: { [operation.status]: { description: summary, content } },
    errors: [...COMMON_ERRORS, ...errors],
  };
}

/** The descriptions of `WORKSHOP_OPERATIONS` in the OpenAPI document. */
export const workshopOperations = Object.fromEntries(
  (Object.keys(WORKSHOP_OPERATIONS) as WorkshopOperationName[]).map((name) => [name, toOperation(name)]),
) as Readonly<Record<WorkshopOperationName, Operation>>;
