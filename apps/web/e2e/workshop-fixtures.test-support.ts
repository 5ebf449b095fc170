import type { CheckResult, CheckRun, Lab, LabRun, LabVerdict, Prediction, Task } from '@prodigon/contracts/workshop';

export const LAB_ID = 'rest-vs-grpc';
export const LESSON_PATH = 'workshop/part-1-design-patterns/task-01-rest-vs-grpc/lesson.md';
const AT = '2026-11-30T04:00:00.000Z';

export const LESSON = `# REST vs gRPC

60 minutes · you leave with a measured answer.

## The claim you probably believe

> gRPC is 2 to 5 times faster than REST.

See [why](#why) and the [sources](https://grpc.io).

\`\`\`quiz
What does HTTP/2 multiplexing save when a client keeps one connection alive?

---

Almost **nothing**: keep-alive already avoids the handshake.
\`\`\`

## Predict

Decide before you measure.

\`\`\`sh run
prodigon lab predict 01 half "JSON parsing is native"
prodigon lab run 01
\`\`\`

\`\`\`mermaid
sequenceDiagram
  participant C as Client
  participant G as Gateway
  participant M as Model
  C->>G: POST /generate
  activate G
  G->>M: Generate (deadline 200 ms)
  Note over G,M: one channel
  M-->>G: tokens
  deactivate G
  G--)C: 200 OK
\`\`\`

## Why

### The mechanism

A native parser reads JSON.

\`\`\`mermaid
flowchart LR
  client([Client]) -->|HTTP/1.1| gateway[Gateway]
  gateway --> choice{Transport?}
  choice -->|REST| rest[JSON] --> model[(Model service)]
  choice -->|gRPC| grpc[Protobuf] --> model
\`\`\`

## Fix it

Four stages.
`;

export const SECTIONS = [
  { slug: 'the-claim-you-probably-believe', title: 'The claim you probably believe' },
  { slug: 'predict', title: 'Predict' },
  { slug: 'why', title: 'Why' },
  { slug: 'fix-it', title: 'Fix it' },
];

export const CHECKS = [
  { id: 'explicit-zero', title: 'an explicit 0 is not “absent”', stage: 'fields' },
  { id: 'one-channel', title: 'one channel serves 1,000 calls', stage: 'channel' },
  { id: 'deadline', title: 'a deadline aborts the model', stage: 'deadlines' },
];

export function createTask(): Task {
  return {
    ...{ id: '01', slug: 'rest-vs-grpc', title: 'REST vs gRPC', minutes: 60, lab: LAB_ID, part: 'part-1-design-patterns' },
    summary: 'Measure whether gRPC is faster, and repair an adapter that loses what gRPC offers.',
    lesson: LESSON_PATH,
    sections: SECTIONS,
    goals: ['A measured answer for your own machine', 'An adapter with deadlines and cancellation'],
    prerequisites: ['The platform running', 'One editor'],
    stages: CHECKS.map(({ id, stage }, index) => ({
      ...{ id: stage, title: stage, minutes: 5 + 5 * index, goal: `Repair the ${stage} of the adapter.` },
      ...{ tested_by: 'generated requests', checks: [id] },
    })),
    checks: CHECKS,
    own_folder: 'my/01',
    hints: {},
    last_check_run: null,
    check_results: [],
    progress: {
      ...{ started: false, sections_done: [], minutes: 0, predicted: false, verdict: null, checks_passed: 0 },
      ...{
        checks_total: CHECKS.length,
        completed_at: null,
        with_solution: false,
        last_active_at: null,
        next_section: 'the-claim-you-probably-believe',
      },
    },
  };
}

const METRICS = [
  { id: 'rate', label: 'Requests a second', unit: 'req/s', is_higher_better: true, description: 'Completed requests' },
  { id: 'p95', label: 'Latency, 95th percentile', unit: 'ms', is_higher_better: false, description: 'From the intended start' },
];
const ARMS = [
  { id: 'rest', label: 'REST, keep-alive', description: 'HTTP/1.1', configuration: { MODEL_TRANSPORT: 'http1' } },
  { id: 'grpc', label: 'gRPC', description: 'grpc-js', configuration: { MODEL_TRANSPORT: 'grpc' } },
  { id: 'rest-close', label: 'REST, no keep-alive', description: 'A connection for each request', configuration: {} },
];
const WORKLOADS = [
  { id: 'text', label: '4 kB text, model delay 0', description: 'A response of 4 kB without a model delay' },
  { id: 'slow', label: '4 kB text, model delay 50 ms', description: 'A response of 4 kB after 50 ms' },
];

export function createLab(): Lab {
  return {
    ...{ id: LAB_ID, task: '01', title: 'Is gRPC faster than REST here?', claim: 'gRPC answers at least twice as many requests' },
    prediction_form: {
      type: 'choice',
      question: 'How many requests does gRPC answer, compared with REST?',
      options: [
        { id: 'half', label: 'About half as many', range: { from: null, to: 0.9 } },
        { id: 'same', label: 'About as many', range: { from: 0.9, to: 1.1 } },
        { id: 'twice', label: '2 to 5 times as many', range: { from: 2, to: 5 } },
      ],
    },
    ...{ arms: ARMS, baseline: 'rest', subject: 'grpc', workloads: WORKLOADS, metrics: METRICS },
    seconds: { full: 180, quick: 60 },
    ...{ prediction: null, active_run: null, runs: [] },
  };
}

export function createPrediction(choice: string, reason: string): Prediction {
  const form = createLab().prediction_form;
  const option = form.type === 'choice' ? form.options.find(({ id }) => id === choice) : undefined;
  const range = option?.range ?? { from: null, to: null };
  return { id: crypto.randomUUID(), label: option?.label ?? choice, choice, value: null, range, reason, created_at: AT };
}

const BASES = { rest: 2_400, grpc: 1_300, 'rest-close': 560 };

/** Measured values that look like a real run and are always the same. */
export function createPoints(block: number) {
  return Object.entries(BASES).map(([arm, rate], index) => {
    const factor = 1 + 0.04 * Math.sin(block * 2.1 + index);
    return {
      block,
      arm,
      started_at_ms: block * 6_000 + index * 2_000,
      values: { rate: rate * factor, p95: 9_000 / (rate * factor) },
    };
  });
}

export const VERDICT: LabVerdict = {
  ...{ status: 'REFUTED', claim: 'gRPC answers at least twice as many requests', claim_range: { from: 2, to: null } },
  sentence: 'gRPC answered 0.54× as many requests as REST',
  estimate: { metric: 'rate', arm: 'grpc', compared_with: 'rest', ratio: 0.54, interval: [0.51, 0.57] },
  ...{ margin: 0.1, effect: 'less', prediction_status: 'REFUTED' },
  guards: [
    { id: 'load', label: 'Offered load reached', is_met: true, measured: '99.2 %', required: 'at least 95 %' },
    { id: 'generator', label: 'Delay of the generator', is_met: true, measured: '1.2 ms', required: 'at most 10 ms' },
  ],
  would_change: ['768 floats instead of 4 kB of text: 1.3× in the recorded run', 'A model that takes seconds: no difference'],
};

export const INVALID_VERDICT: LabVerdict = {
  ...VERDICT,
  ...{ status: 'INVALID', sentence: 'This run says nothing about the claim', estimate: null, effect: 'unclear' },
  prediction_status: 'INVALID',
  guards: [{ id: 'load', label: 'Offered load reached', is_met: false, measured: '61 %', required: 'at least 95 %' }],
};

interface RunOptions {
  prediction: Prediction | null;
  seed: number;
}

export const BLOCKS = 10;

export function createRun({ prediction, seed }: RunOptions): LabRun {
  const workload = WORKLOADS[0];
  if (!workload) throw new Error('no workload');
  return {
    ...{ id: crypto.randomUUID(), lab: LAB_ID, task: '01', status: 'running', queue_position: 0, seed, is_quick: true },
    ...{ workload, arms: ARMS, metrics: METRICS, prediction, points: [], estimates: [], verdict: null, problem: null },
    progress: { phase: 'starting', arm: null, blocks_done: 0, blocks_total: BLOCKS, share: 0, seconds_left: 60 },
    environment: { cpu: 'Example CPU', cpus: 2, memory_mb: 8_192, os: 'Linux 6.1', node: '24.21.0', prodigon: '0.2.0' },
    ...{ created_at: AT, started_at: AT, completed_at: null },
  };
}

/** The run after all its blocks, with the verdict. */
export function completeRun(run: LabRun): LabRun {
  return {
    ...run,
    ...{ status: 'completed', queue_position: 0, verdict: VERDICT, completed_at: AT },
    points: Array.from({ length: BLOCKS }, (_, block) => createPoints(block)).flat(),
    progress: { phase: 'finished', arm: null, blocks_done: BLOCKS, blocks_total: BLOCKS, share: 1, seconds_left: 0 },
    estimates: [
      { metric: 'rate', arm: 'grpc', compared_with: 'rest', ratio: 0.54, interval: [0.51, 0.57] },
      { metric: 'rate', arm: 'rest-close', compared_with: 'rest', ratio: 0.23, interval: [0.22, 0.24] },
      { metric: 'p95', arm: 'grpc', compared_with: 'rest', ratio: 1.8, interval: [1.7, 2] },
    ],
  };
}

const DIAGRAM: CheckResult['diagram'] = {
  participants: [
    { id: 'client', label: 'client', is_learner: false },
    { id: 'adapter', label: 'your adapter', is_learner: true },
    { id: 'model', label: 'model', is_learner: false },
  ],
  length_ms: 2_000,
  events: [
    {
      ...{ type: 'message', from: 'client', to: 'adapter', label: 'Generate, 200 ms' },
      sent_at_ms: 0,
      received_at_ms: 1,
      is_error: false,
    },
    {
      ...{ type: 'message', from: 'adapter', to: 'model', label: 'no deadline sent' },
      sent_at_ms: 1,
      received_at_ms: 2,
      is_error: true,
    },
    { type: 'activity', participant: 'model', label: '148 tokens wasted', from_ms: 2, to_ms: 2_000, is_error: true },
    { type: 'mark', label: 'deadline, 200 ms', at_ms: 200 },
    {
      ...{ type: 'message', from: 'adapter', to: 'client', label: 'DEADLINE_EXCEEDED' },
      sent_at_ms: 201,
      received_at_ms: 203,
      is_error: true,
    },
  ],
};

export function createCheckRun(): CheckRun {
  return {
    ...{ id: crypto.randomUUID(), task: '01', status: 'running', queue_position: 0, seed: 7, checks_total: CHECKS.length },
    ...{ results: [], problem: null, created_at: AT, completed_at: null },
  };
}

export function createCheckResult(check: string, status: CheckResult['status']): CheckResult {
  const { title = '', stage = '' } = CHECKS.find(({ id }) => id === check) ?? {};
  const isFailed = status === 'failed';
  return {
    ...{ check, title, stage, status, seed: 7, cases: 20, duration_ms: 300 },
    expected: isFailed ? 'The model stops at most 200 ms after the deadline.' : null,
    saw: isFailed ? 'It ran to the end and produced 148 tokens for nobody.' : null,
    where: isFailed ? 'Which options does your adapter pass to the call?' : null,
    input: isFailed ? '{ "prompt": "Hi", "deadlineMs": 200 }' : null,
    diagram: isFailed ? DIAGRAM : null,
    replay: `prodigon lab check 01 --only ${check} --seed 7`,
    hint: `prodigon lab hint 01 ${check}`,
  };
}

export const STARTER = 'export function call() {\n  return client.generate(request, { waitForReady: true });\n}\n';
export const OWN = 'export function call() {\n  return client.generate(request, { deadline });\n}\n';
