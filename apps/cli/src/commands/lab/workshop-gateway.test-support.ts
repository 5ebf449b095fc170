import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckResult, CheckRun, Lab, LabRun, LabVerdict, Task, TaskSummary } from '@prodigon/contracts/workshop';
import { onTestFinished } from 'vitest';
import {
  errorResponse,
  type FakeResponse,
  jsonResponse,
  startFakeGateway,
} from '../../../../../packages/api-client/src/fake-gateway.test-support.ts';
import { type CommandResult, type RunOptions, runInProcess } from '../../run-prodigon.test-support.ts';

export { errorResponse, type FakeResponse, jsonResponse };
export const RUN_ID = '0199a8f0-0000-4000-8000-000000000001';
const TIME = '2026-01-01T00:00:00.000Z';

export const summary: TaskSummary = {
  id: '01',
  slug: 'rest-vs-grpc',
  title: 'REST vs gRPC',
  summary: 'Is gRPC faster?',
  minutes: 60,
  lab: 'transports',
  part: 'part-1',
  lesson: 'workshop/part-1/task-01/lesson.md',
  sections: [{ slug: 'predict', title: 'Predict' }],
  progress: {
    ...{ started: true, sections_done: ['predict'], minutes: 12, predicted: true, verdict: 'REFUTED' },
    ...{
      checks_passed: 1,
      checks_total: 2,
      completed_at: null,
      with_solution: false,
      last_active_at: TIME,
      next_section: 'predict',
    },
  },
};

export const task: Task = {
  ...summary,
  goals: ['Measure a claim'],
  prerequisites: [],
  stages: [
    { id: 'zero', title: 'Stage 1: zero', minutes: 5, goal: 'Send it', tested_by: 'A server', checks: ['explicit-zero'] },
    { id: 'deadline', title: 'Stage 2: deadline', minutes: 5, goal: 'Abort', tested_by: 'A server', checks: ['aborts'] },
  ],
  checks: [
    { id: 'explicit-zero', title: 'An explicit 0 arrives', stage: 'zero' },
    { id: 'aborts', title: 'The deadline aborts the model', stage: 'deadline' },
  ],
  own_folder: 'my/01',
  hints: {},
  last_check_run: null,
  check_results: [],
};

export const passedResult: CheckResult = {
  ...{ check: 'explicit-zero', title: 'An explicit 0 arrives', stage: 'zero', status: 'passed', seed: 7, cases: 20 },
  ...{ expected: null, saw: null, where: null, input: null, diagram: null, duration_ms: 3 },
  replay: './prodigon lab check 01 --only explicit-zero --seed 7',
  hint: './prodigon lab hint 01 explicit-zero',
};
export const failedResult: CheckResult = {
  ...passedResult,
  ...{ check: 'aborts', title: 'The deadline aborts the model', stage: 'deadline', status: 'failed', seed: 41 },
  expected: 'at most 50 ms of work after the deadline',
  saw: 'the model was still generating after 400 ms',
  where: 'generate() passes no deadline to the call',
  input: 'deadline 50 ms',
  replay: './prodigon lab check 01 --only aborts --seed 41',
  hint: './prodigon lab hint 01 aborts',
  diagram: {
    participants: [
      { id: 'client', label: 'Your client', is_learner: true },
      { id: 'model', label: 'Model', is_learner: false },
    ],
    events: [
      { type: 'message', from: 'client', to: 'model', label: 'Generate', sent_at_ms: 0, received_at_ms: 0.4, is_error: false },
      { type: 'mark', label: 'deadline', at_ms: 50 },
      { type: 'activity', participant: 'model', label: 'generating', from_ms: 1, to_ms: null, is_error: true },
      { type: 'message', from: 'client', to: 'model', label: 'cancel', sent_at_ms: 60, received_at_ms: null, is_error: false },
      { type: 'message', from: 'model', to: 'client', label: 'response', sent_at_ms: 400, received_at_ms: 452, is_error: false },
    ],
    length_ms: 452,
  },
};

export const createCheckRun = (values: Partial<CheckRun> = {}): CheckRun => ({
  ...{ id: RUN_ID, task: '01', status: 'running', queue_position: 0, seed: 7, checks_total: 2, results: [], problem: null },
  ...{ created_at: TIME, completed_at: null },
  ...values,
});

const ARMS = [
  { id: 'rest', label: 'REST', description: '', configuration: {} },
  { id: 'grpc', label: 'gRPC', description: '', configuration: {} },
];
const METRICS = [{ id: 'cpu', label: 'CPU per request', unit: 'ms', is_higher_better: false, description: '' }];
const WORKLOADS = [{ id: 'chat', label: 'Chat', description: '' }];
const ESTIMATE = { metric: 'cpu', arm: 'grpc', compared_with: 'rest', ratio: 1.424, interval: [1.38, 1.47] } as const;
export const prediction = {
  ...{ id: RUN_ID, label: 'About twice as fast', choice: 'b', value: null, range: { from: 0.4, to: 0.6 } },
  ...{ reason: 'Binary is smaller', created_at: TIME },
};

export const createVerdict = (values: Partial<LabVerdict> = {}): LabVerdict => ({
  status: 'REFUTED',
  claim: 'gRPC needs half the CPU of REST.',
  claim_range: { from: null, to: 0.5 },
  sentence: 'gRPC needs 1.42 times the CPU of REST.',
  estimate: { ...ESTIMATE, interval: [...ESTIMATE.interval] },
  margin: 0.05,
  effect: 'more',
  prediction_status: 'REFUTED',
  guards: [{ id: 'load', label: 'Offered load', is_met: true, measured: '99 %', required: 'at least 95 %' }],
  would_change: ['Payloads of 768 floats'],
  ...values,
});

export const createLabRun = (values: Partial<LabRun> = {}): LabRun => ({
  ...{ id: RUN_ID, lab: 'transports', task: '01', status: 'running', queue_position: 0, seed: 7, is_quick: false },
  ...{ workload: WORKLOADS[0] as (typeof WORKLOADS)[0], arms: ARMS, metrics: METRICS, prediction, points: [] },
  progress: { phase: 'starting', arm: null, blocks_done: 0, blocks_total: 10, share: 0, seconds_left: 60 },
  ...{ estimates: [{ ...ESTIMATE, interval: [...ESTIMATE.interval] }], verdict: null, problem: null },
  environment: { cpu: 'A CPU', cpus: 2, memory_mb: 4000.4, os: 'linux', node: 'v24.0.0', prodigon: '0.2.0' },
  ...{ created_at: TIME, started_at: TIME, completed_at: null },
  ...values,
});
export const completedRun = createLabRun({
  ...{ status: 'completed', verdict: createVerdict(), completed_at: TIME },
  progress: { phase: 'finished', arm: null, blocks_done: 10, blocks_total: 10, share: 1, seconds_left: 0 },
});

export const createLab = (values: Partial<Lab> = {}): Lab => ({
  ...{ id: 'transports', task: '01', title: 'Is gRPC faster than REST here?', claim: 'gRPC needs half the CPU of REST.' },
  prediction_form: {
    type: 'choice',
    question: 'How much CPU does gRPC need?',
    options: [
      { id: 'half', label: 'Half of it', range: { from: 0.4, to: 0.6 } },
      { id: 'same', label: 'About the same', range: { from: 0.9, to: 1.1 } },
    ],
  },
  ...{ arms: ARMS, baseline: 'rest', subject: 'grpc', workloads: WORKLOADS, metrics: METRICS },
  ...{ seconds: { full: 180, quick: 40 }, prediction, active_run: null, runs: [] },
  ...values,
});

export const workshop = {
  parts: [{ id: 'part-1', title: 'Part 1', tasks: [summary] }],
  next: { task: '01', section: 'predict' },
};

/** Returns a response that sends events and ends. */
export function asEvents(...events: [name: string, data: unknown][]): FakeResponse {
  const text = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  return (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text.join(''));
}

/** Runs `prodigon lab …` in this process against a gateway with a response for each line such as `GET /api/v1/workshop`. */
export async function startWorkshopGateway(routes: Readonly<Record<string, FakeResponse>> = {}) {
  const all: Record<string, FakeResponse> = {
    'GET /api/v1/workshop': jsonResponse(workshop),
    'GET /api/v1/workshop/01': jsonResponse(task),
    'GET /api/v1/labs/transports': jsonResponse(createLab()),
    ...routes,
  };
  const { baseUrl, requests } = await startFakeGateway((response, request) =>
    (all[request.line] ?? errorResponse('NOT_FOUND', 404, `No route for ${request.line}`))(response, request),
  );
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const run = (args: string[], options: RunOptions & { env?: NodeJS.ProcessEnv } = {}): Promise<CommandResult> =>
    runInProcess(['lab', ...args, '--url', baseUrl], { DATA_DIR: folder, ...options.env }, { rootDirectory: folder, ...options })
      .ended;
  /** The requests that change something, with their bodies. */
  const posted = () => requests.filter(({ line }) => line.startsWith('POST')).map(({ line, body }) => `${line} ${body}`.trim());
  return { run, posted, baseUrl, folder };
}
