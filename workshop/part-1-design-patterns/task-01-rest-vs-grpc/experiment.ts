import { type Arm, type Experiment, readRecordings, type Workload } from '@prodigon/lab';

/** Words of four letters and a space. */
const BYTES_PER_WORD = 5;
const LONG_TEXT_BYTES = 65_536;
const FLOATS = 768;
const PERCENTILE_LATENCIES_MIN = 1_000;

const platform = (env: Readonly<Record<string, string>>): Arm['stack'] => ({
  topology: 'services',
  services: ['model', 'gateway'],
  env,
});

/** A completion of ten tokens for a prompt of this size. The size adds almost no work to the simulated model. */
function completion({ bytes, delayMs = 0, ...workload }: Omit<Workload, 'call'> & { bytes: number; delayMs?: number }): Workload {
  return {
    ...workload,
    call(seed) {
      const model = `prodigon-sim?ttft_ms=${delayMs}&tokens_per_s=1000000&tokens=10&seed=${seed}`;
      return {
        path: '/api/v1/generate',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'word '.repeat(bytes / BYTES_PER_WORD), model }),
        check: { text: '"completion_tokens":10' },
      };
    },
  };
}

const embedding: Workload = {
  id: 'embedding',
  label: '768 numbers',
  description: 'An embedding of a short text with 768 numbers. In JSON, each number takes about 20 bytes.',
  ratePerSecond: 150,
  call: (seed) => ({
    path: '/v1/embeddings',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'prodigon-embed', input: `A short text, number ${seed}.`, dimensions: FLOATS }),
    check: { text: '"object":"embedding"' },
  }),
};

const experiment: Experiment = {
  id: 'rest-vs-grpc',
  task: '01',
  title: 'Is gRPC faster than REST here?',
  claim: 'gRPC handles at least twice as many requests with the same CPU time.',
  claimRange: { from: 2, to: null },
  predictionForm: {
    type: 'choice',
    question: 'With the same CPU time, how many requests does the platform handle over gRPC, compared with REST?',
    options: [
      { id: 'fewer', label: 'Fewer: gRPC costs more CPU time', range: { from: null, to: 0.9 } },
      { id: 'same', label: 'About as many: no difference above 10 %', range: { from: 0.9, to: 1.1 } },
      { id: 'more', label: 'Somewhat more: up to twice as many', range: { from: 1.1, to: 2 } },
      { id: 'twice', label: '2 to 5 times as many', range: { from: 2, to: 5 } },
      { id: 'five-times', label: 'More than 5 times as many', range: { from: 5, to: null } },
    ],
  },
  arms: [
    {
      id: 'rest',
      label: 'REST',
      description: 'The gateway calls the model service with JSON over HTTP/1.1, on connections that it keeps open.',
      stack: platform({ MODEL_TRANSPORT: 'http1' }),
    },
    {
      id: 'grpc',
      label: 'gRPC',
      description: 'The gateway calls the model service over gRPC, on one HTTP/2 connection.',
      stack: platform({ MODEL_TRANSPORT: 'grpc' }),
    },
    {
      id: 'rest-new-connections',
      label: 'REST, new connections',
      description: 'JSON over HTTP/1.1 with a new connection for each request.',
      stack: platform({ MODEL_TRANSPORT: 'http1', MODEL_REQUESTS_PER_CONNECTION: '1' }),
    },
  ],
  baseline: 'rest',
  subject: 'grpc',
  workloads: [
    completion({
      ...{ id: 'text-4k', label: '4 kB of text', description: 'A prompt of 4 kB for a model that responds immediately.' },
      ...{ ratePerSecond: 250, bytes: 4_096 },
    }),
    completion({
      ...{
        id: 'text-200',
        label: '200 bytes of text',
        description: 'A prompt of 200 bytes for a model that responds immediately.',
      },
      ...{ ratePerSecond: 250, bytes: 200 },
    }),
    completion({
      ...{ id: 'text-64k', label: '64 kB of text', description: 'A prompt of 64 kB for a model that responds immediately.' },
      ...{ ratePerSecond: 150, bytes: LONG_TEXT_BYTES },
    }),
    embedding,
    completion({
      ...{ id: 'text-4k-50ms', label: '4 kB, model of 50 ms' },
      description: 'A prompt of 4 kB for a model that responds after 50 ms, as a fast real one does.',
      ...{ ratePerSecond: 250, bytes: 4_096, delayMs: 50 },
    }),
  ],
  metrics: [
    {
      id: 'requests-per-cpu-second',
      label: 'Requests per CPU second',
      unit: '1/s',
      is_higher_better: true,
      description: 'Responses divided by the CPU time of the gateway and the model service.',
      read: ({ responses, cpuSeconds }) => responses / (cpuSeconds ?? Number.NaN),
    },
    {
      id: 'latency-p50',
      label: 'Latency, median',
      unit: 'ms',
      is_higher_better: false,
      description: 'From the planned time of a request to the last byte of its response.',
      read: ({ latency }) => latency?.median ?? Number.NaN,
    },
    {
      id: 'latency-p99',
      label: 'Latency, 99th percentile',
      unit: 'ms',
      is_higher_better: false,
      description: 'From the planned time of a request to the last byte of its response. One request in a hundred takes longer.',
      read: ({ latency }) => latency?.p99 ?? Number.NaN,
      latenciesMin: PERCENTILE_LATENCIES_MIN,
    },
  ],
  margin: 0.1,
  blocks: { full: 12, quick: 10 },
  blockMs: { full: 1_000, quick: 500 },
  warmUpMs: { full: 6_000, quick: 4_000 },
  recordings: readRecordings(new URL('results/runs/', import.meta.url)),
};

export default experiment;
