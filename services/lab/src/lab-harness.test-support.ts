import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CheckResult, WorkshopOperationName } from '@prodigon/contracts/workshop';
import { createLifecycle } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import { onTestFinished } from 'vitest';
import { createFakeDescription, createFakeOutcome } from './fake-experiment.test-support.ts';
import { createLabService } from './index.ts';
import type {
  ChecksListeners,
  ChecksOutcome,
  ChecksRequest,
  ExperimentListeners,
  ExperimentOutcome,
  ExperimentRequest,
  TaskRunner,
} from './runner/task-runner.ts';

export const TASK_JSON = {
  id: '01',
  slug: 'rest-vs-grpc',
  title: 'REST vs gRPC',
  summary: 'Measure two transports.',
  minutes: 60,
  goals: ['Know what gRPC costs'],
  prerequisites: [],
  lab: 'rest-vs-grpc',
  stages: [
    { id: 'fields', title: 'Fields', minutes: 10, goal: 'Send all', tested_by: 'Compared', checks: ['zero', 'absent'] },
    { id: 'end', title: 'End', minutes: 5, goal: 'Stop', tested_by: 'Counted', checks: ['cancel'] },
  ],
  starter_fails: ['zero', 'cancel'],
};

const TASK_FILES: Readonly<Record<string, string>> = {
  'task.json': JSON.stringify(TASK_JSON),
  'hints.json': JSON.stringify({ zero: ['Look at the request.', 'Zero is falsy.', 'Use ??.'] }),
  'lesson.md': '# REST vs gRPC\n\n## The claim\n\nText.\n\n### Detail\n\n## The claim\n',
  'starter/client.ts': 'starter\n',
  'starter/parts/encode.ts': 'starter\n',
  'solution/client.ts': 'solution\n',
  'solution/WHY.md': 'why\n',
  'solution/alternatives/other.ts': 'other\n',
};

/** One experiment or run of checks, which the test ends. */
export interface FakeActivity<Request, Listeners, Outcome> {
  readonly request: Request;
  readonly listeners: Listeners;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

export type FakeExperiment = FakeActivity<ExperimentRequest, ExperimentListeners, ExperimentOutcome>;
export type FakeChecks = FakeActivity<ChecksRequest, ChecksListeners, ChecksOutcome>;

/** A runner whose activities run until the test ends them, or until they are cancelled. */
function createFakeRunner() {
  const experiments: FakeExperiment[] = [];
  const checks: FakeChecks[] = [];
  function activity<Request, Listeners extends { signal: AbortSignal }, Outcome>(
    started: FakeActivity<Request, Listeners, Outcome>[],
    request: Request,
    listeners: Listeners,
  ): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    listeners.signal.addEventListener('abort', () => reject(listeners.signal.reason));
    started.push({ request, listeners, resolve, reject });
    return promise;
  }
  const runner: TaskRunner = {
    describeExperiment: async () => createFakeDescription(),
    describeChecks: async () => [
      { id: 'zero', title: 'Sends zero', stage: 'fields' },
      { id: 'absent', title: 'Sends nothing', stage: 'fields' },
      { id: 'cancel', title: 'Stops', stage: 'end' },
    ],
    runExperiment: (request, listeners) => activity(experiments, request, listeners),
    runChecks: (request, listeners) => activity(checks, request, listeners),
    sweep: async () => {},
  };
  return { runner, experiments, checks };
}

/** Creates a folder with one task and a lab service over a fake runner. Times are one minute apart. Call it within a test. */
export function createLabHarness({ files = {} }: { files?: Readonly<Record<string, string | null>> } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'prodigon-lab-service-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const workshopDirectory = join(root, 'workshop');
  const learnerDirectory = join(root, 'my');
  const taskFolder = join(workshopDirectory, 'part-1-design-patterns/task-01-rest-vs-grpc');
  const write = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [name, text] of Object.entries({ ...TASK_FILES, ...files })) {
    if (text !== null) write(join(taskFolder, name), text);
  }
  const fake = createFakeRunner();
  const lifecycle = createLifecycle({ drainTimeoutMs: 1 });
  const warnings: unknown[] = [];
  let minutes = 0;

  const open = () => {
    const { client, close } = createLabService({
      ...{ workshopDirectory, learnerDirectory, runner: fake.runner, lifecycle },
      logger: { warn: (...details: unknown[]) => void warnings.push(details.at(-1)) },
      now: () => new Date(Date.UTC(2026, 2, 1, 9, minutes++)),
    });
    const context = (signal = new AbortController().signal) => ({ signal }) as CallContext;
    return {
      close,
      async call<Result = Record<string, never>>(operation: WorkshopOperationName, name = '01', body?: object, run?: string) {
        const params = { task: name, lab: name, ...(run && { run }) };
        return (await client.call({ operation, params, body }, context())) as Result;
      },
      async watch(operation: WorkshopOperationName, name: string, run: string, signal?: AbortSignal) {
        return client.events({ operation, params: { task: name, lab: name, run } }, context(signal));
      },
    };
  };
  const reset = () => {
    minutes = 0;
  };
  return { ...fake, ...open(), reopen: open, reset, write, warnings, lifecycle, learnerDirectory, workshopDirectory, taskFolder };
}

export const LAB = 'rest-vs-grpc';
export const OUTCOME: ExperimentOutcome = createFakeOutcome();

export const resultOf = (check: string, status: CheckResult['status'] = 'passed'): CheckResult => ({
  ...{ check, title: check, stage: 'fields', status, seed: 1, cases: 1, duration_ms: 1 },
  ...{ expected: null, saw: null, where: null, input: null, diagram: null, replay: 'replay', hint: 'hint' },
});

/** Lets promises that are already settled run their callbacks. */
export const flush = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Reads all events as `[event, data]`. */
export async function readEvents(frames: AsyncIterable<Uint8Array>): Promise<[string, unknown][]> {
  const events: [string, unknown][] = [];
  for await (const frame of frames) {
    const [, event = '', data = ''] = /^event: (\w+)\ndata: (.+)\n\n$/.exec(Buffer.from(frame).toString()) ?? [];
    events.push([event, JSON.parse(data)]);
  }
  return events;
}
