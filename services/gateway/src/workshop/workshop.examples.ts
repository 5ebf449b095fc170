import type {
  CheckResult,
  CheckRun,
  Hint,
  Lab,
  LabRun,
  LabRunSummary,
  LabStatus,
  Prediction,
  Task,
  TaskFiles,
  TaskSummary,
  Workshop,
} from '@prodigon/contracts/workshop';

const RUN_ID = '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e';
const AT = '2026-03-01T09:30:00.000Z';

const summary: TaskSummary = {
  id: '01',
  slug: 'rest-vs-grpc',
  title: 'REST vs gRPC',
  summary: 'Measure two transports on your own platform, and repair a gRPC client.',
  minutes: 60,
  lab: 'rest-vs-grpc',
  part: 'part-1-design-patterns',
  lesson: 'workshop/part-1-design-patterns/task-01-rest-vs-grpc/lesson.md',
  sections: [{ slug: 'predict', title: 'Predict' }],
  progress: {
    started: true,
    sections_done: ['predict'],
    minutes: 12,
    predicted: true,
    verdict: null,
    checks_passed: 0,
    checks_total: 1,
    completed_at: null,
    with_solution: false,
    last_active_at: AT,
    next_section: null,
  },
};

export const workshop: Workshop = {
  parts: [{ id: 'part-1-design-patterns', title: 'Part 1: Design patterns', tasks: [summary] }],
  next: null,
};

const failure: CheckResult = {
  check: 'explicit-zero',
  title: 'Sends an explicit zero',
  stage: 'fields',
  status: 'failed',
  seed: 7,
  cases: 20,
  expected: 'temperature 0',
  saw: 'temperature 0.7',
  where: 'my/01/inference-client.ts',
  input: '{"temperature":0}',
  diagram: null,
  replay: 'prodigon lab check 01 --only explicit-zero --seed 7',
  hint: 'prodigon lab hint 01 explicit-zero',
  duration_ms: 41.5,
};

export const checkRun: CheckRun = {
  id: RUN_ID,
  task: '01',
  status: 'completed',
  queue_position: 0,
  seed: 7,
  checks_total: 1,
  results: [failure],
  problem: null,
  created_at: AT,
  completed_at: '2026-03-01T09:30:02.000Z',
};

export const queuedCheckRun: CheckRun = { ...checkRun, status: 'queued', queue_position: 1, results: [], completed_at: null };

export const task: Task = {
  ...summary,
  goals: ['You can say what gRPC costs and saves in a system like this one.'],
  prerequisites: [],
  stages: [
    {
      id: 'fields',
      title: 'Send every field',
      minutes: 10,
      goal: 'Distinguish an explicit zero from a missing value.',
      tested_by: 'The check sends requests with and without a temperature, and compares what the server receives.',
      checks: ['explicit-zero'],
    },
  ],
  checks: [{ id: 'explicit-zero', title: 'Sends an explicit zero', stage: 'fields' }],
  own_folder: 'my/01',
  hints: { 'explicit-zero': ['Look at the request that the client builds.'] },
  last_check_run: checkRun,
  check_results: checkRun.results,
};

export const files: TaskFiles = {
  folder: 'my/01',
  files: [{ path: 'inference-client.ts', starter: 'temperature || 0.7', own: 'temperature ?? 0.7' }],
};

export const hint: Hint = {
  check: 'explicit-zero',
  level: 1,
  levels: 3,
  text: 'Look at the request that the client builds.',
};

export const prediction: Prediction = {
  id: RUN_ID,
  label: 'At least twice as many',
  choice: 'twice',
  value: null,
  range: { from: 2, to: null },
  reason: 'Protobuf messages are smaller.',
  created_at: AT,
};

const workload = { id: 'text-4kb', label: '4 kB of text', description: 'Each response has 4 kB of text.' };
const arms = ['rest', 'grpc'].map((id) => ({
  id,
  label: id,
  description: `The gateway calls the model service over ${id}.`,
  configuration: { MODEL_TRANSPORT: id === 'rest' ? 'http1' : 'grpc' },
}));
const metric = {
  id: 'requests-per-cpu-second',
  label: 'Requests per CPU second',
  unit: '1/s',
  is_higher_better: true,
  description: 'Responses divided by the CPU time of all processes of the arm.',
};

export const queuedRun: LabRun = {
  id: RUN_ID,
  lab: 'rest-vs-grpc',
  task: '01',
  status: 'queued',
  queue_position: 1,
  seed: 7,
  is_quick: true,
  workload,
  arms,
  metrics: [metric],
  prediction,
  progress: { phase: 'queued', arm: null, blocks_done: 0, blocks_total: 10, share: 0, seconds_left: 40 },
  points: [],
  estimates: [],
  verdict: null,
  environment: { cpu: 'Example CPU', cpus: 2, memory_mb: 4096, os: 'linux 6.12', node: 'v24.21.0', prodigon: '0.2.0' },
  problem: null,
  created_at: AT,
  started_at: null,
  completed_at: null,
};

const estimate = {
  metric: metric.id,
  arm: 'grpc',
  compared_with: 'rest',
  ratio: 0.62,
  interval: [0.58, 0.66] as [number, number],
};

export const run: LabRun = {
  ...queuedRun,
  status: 'completed',
  queue_position: 0,
  progress: { phase: 'finished', arm: null, blocks_done: 10, blocks_total: 10, share: 1, seconds_left: 0 },
  points: [{ block: 0, arm: 'rest', started_at_ms: 4_100, values: { 'requests-per-cpu-second': 1_250 } }],
  estimates: [estimate],
  verdict: {
    status: 'REFUTED',
    claim: 'gRPC handles at least twice as many requests with the same CPU time.',
    claim_range: { from: 2, to: null },
    sentence: 'gRPC handled 0.62 times as many requests.',
    estimate,
    margin: 0.1,
    effect: 'less',
    prediction_status: 'REFUTED',
    guards: [{ id: 'load', label: 'The offered load was reached', is_met: true, measured: '99 %', required: '95 %' }],
    would_change: ['Payloads of numbers, e.g. embeddings'],
  },
  started_at: AT,
  completed_at: '2026-03-01T09:30:38.000Z',
};

const runSummary: LabRunSummary = {
  id: run.id,
  lab: run.lab,
  status: run.status,
  seed: run.seed,
  is_quick: run.is_quick,
  workload: run.workload,
  prediction: run.prediction,
  verdict: run.verdict,
  created_at: run.created_at,
  completed_at: run.completed_at,
};
export const runs = { runs: [runSummary] };

export const lab: Lab = {
  id: 'rest-vs-grpc',
  task: '01',
  title: 'Is gRPC faster than REST here?',
  claim: 'gRPC handles at least twice as many requests with the same CPU time.',
  prediction_form: {
    type: 'choice',
    question: 'How many requests does gRPC handle, compared with REST?',
    options: [
      { id: 'fewer', label: 'Fewer', range: { from: null, to: 0.9 } },
      { id: 'twice', label: 'At least twice as many', range: { from: 2, to: null } },
    ],
  },
  arms,
  baseline: 'rest',
  subject: 'grpc',
  workloads: [workload],
  metrics: [metric],
  seconds: { full: 90, quick: 40 },
  prediction,
  active_run: null,
  runs: [runSummary],
};

export const status: LabStatus = {
  activities: [{ id: RUN_ID, kind: 'experiment', task: '01', title: lab.title, status: 'running', seconds_left: 22 }],
};
