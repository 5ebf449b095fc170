import { expect, it } from 'vitest';
import type { ClosedLoopOptions } from '../load/closed-loop.ts';
import { blockLoad, createExperiment } from './experiment.test-support.ts';
import type { RunningStack } from './start-stacks.ts';
import { warmUp } from './warm-up.ts';

const { arms, workloads } = createExperiment();
const stacks = arms.map(
  (arm): RunningStack => ({
    arm,
    url: `http://${arm.id}`,
    pids: [],
    processes: { runId: 'run', pids: [] },
    close: async () => {},
  }),
);

async function run(responsesOf: (host: string) => number) {
  const [workload] = workloads;
  if (!workload) throw new Error('no workload');
  const plans: ClosedLoopOptions[] = [];
  const responses = await warmUp(stacks, {
    ...{ workload, seed: 7, durationMs: 900, requestsMin: 1_000, signal: new AbortController().signal },
    load: async (plan) => {
      plans.push(plan);
      return blockLoad({ responses: responsesOf(new URL(plan.url).hostname) });
    },
  });
  return { plans, responses };
}

it('sends the requests of the workload to all arms and counts the responses', async () => {
  const { plans, responses } = await run((host) => host.length * 1_000);
  expect(responses).toEqual({ rest: 4_000, grpc: 4_000, other: 5_000 });
  expect(plans).toHaveLength(3);
  expect(plans[0]).toMatchObject({
    url: 'http://rest/generate/small',
    body: '7',
    durationMs: 900,
    check: { text: 'word', processes: { runId: 'run' } },
  });
});

it('continues until each arm has responded often enough', async () => {
  const { plans, responses } = await run((host) => (host === 'grpc' ? 400 : 2_000));
  expect([plans.length / 3, responses.grpc]).toEqual([3, 1_200]);
});

it('ends after three repetitions on a machine that is too slow', async () => {
  const { plans, responses } = await run(() => 10);
  expect([plans.length / 3, responses.grpc]).toEqual([4, 40]);
});
