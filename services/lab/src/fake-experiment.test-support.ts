import type { LabVerdict } from '@prodigon/contracts/workshop';
import type { ExperimentDescription, ExperimentOutcome } from './runner/task-runner.ts';

const CLAIM = 'gRPC handles twice as many requests.';

export function createFakeDescription(): ExperimentDescription {
  return {
    id: 'rest-vs-grpc',
    title: 'Is gRPC faster than REST here?',
    claim: CLAIM,
    prediction_form: {
      type: 'choice',
      question: 'How many requests?',
      options: [
        { id: 'fewer', label: 'Fewer', range: { from: null, to: 0.9 } },
        { id: 'more', label: 'More', range: { from: 1.1, to: null } },
      ],
    },
    arms: ['rest', 'other', 'grpc'].map((id) => ({ id, label: id, description: id, configuration: {} })),
    baseline: 'rest',
    subject: 'grpc',
    workloads: ['quick', 'long', 'stubborn', 'loop', 'crash', 'fail', 'throw'].map((id) => ({ id, label: id, description: id })),
    metrics: [{ id: 'rate', label: 'Rate', unit: '1/s', is_higher_better: true, description: 'Requests a second' }],
    seconds: { full: 90, quick: 40 },
  };
}

export function createFakeVerdict(): LabVerdict {
  return {
    status: 'REFUTED',
    claim: CLAIM,
    claim_range: { from: 2, to: null },
    sentence: 'gRPC handled fewer requests.',
    estimate: null,
    margin: 0.1,
    effect: 'less',
    prediction_status: 'REFUTED',
    guards: [],
    would_change: [],
  };
}

export function createFakeOutcome(): ExperimentOutcome {
  const environment = { cpu: 'fake', cpus: 2, memory_mb: 1, os: 'fake', node: process.version, prodigon: '0.0.0' };
  return { points: [], estimates: [], verdict: createFakeVerdict(), environment };
}
