import { createExperiment } from './experiment.test-support.ts';
import type { Experiment } from './experiment.ts';

/** An experiment that starts real platforms and ends after few requests. */
export const smallExperiment: Experiment = createExperiment({
  arms: ['http1', 'http2'].map((transport) => ({
    ...{ id: transport, label: transport, description: `Calls the model service over ${transport}.` },
    stack: { topology: 'services', services: ['model', 'gateway'], env: { MODEL_TRANSPORT: transport } },
  })),
  ...{ baseline: 'http1', subject: 'http2' },
  workloads: [
    {
      ...{ id: 'small', label: 'small', description: 'Small.', ratePerSecond: 50, connections: 8 },
      call: (seed) => ({
        ...{ path: '/api/v1/generate', headers: { 'content-type': 'application/json' } },
        body: JSON.stringify({ prompt: 'Hi', model: `prodigon-sim?ttft_ms=0&tokens_per_s=1000000&tokens=3&seed=${seed}` }),
        check: { text: '"completion_tokens":3' },
      }),
    },
  ],
  metrics: createExperiment().metrics.map((metric) => ({ ...metric, latenciesMin: 10 })),
  ...{ blocks: { full: 500, quick: 5 }, blockMs: { full: 200, quick: 200 }, warmUpMs: { full: 200, quick: 200 } },
  warmUpRequestsMin: 1,
});
