import { describe, expect, it } from 'vitest';
import { hashConfiguration } from '../probe/configuration-hash.ts';
import { CONFIGURED_VARIABLE, RUN_ID_VARIABLE } from '../probe/probe-report.ts';
import type { LabStack, LabStackOptions } from '../stack/start-lab-stack.ts';
import { createExperiment } from './experiment.test-support.ts';
import { closeStacks, startStacks } from './start-stacks.ts';

const { arms, workloads } = createExperiment();

function start({
  startOne,
  signal = new AbortController().signal,
}: {
  startOne?: (options: LabStackOptions) => Promise<void>;
  signal?: AbortSignal;
} = {}) {
  const [workload] = workloads;
  if (!workload) throw new Error('no workload');
  const [started, closed]: [LabStackOptions[], string[]] = [[], []];
  const stacks = startStacks({
    ...{ arms, workload, runId: 'run', directory: '/tmp', signal },
    async start(options): Promise<LabStack> {
      started.push(options);
      await startOne?.(options);
      const transport = options.env?.MODEL_TRANSPORT ?? '';
      return {
        ...{ url: `http://${transport}`, processes: [{ service: 'gateway', pid: 7, url: null }], dataDirectory: '/tmp' },
        close: async () => void closed.push(transport),
      };
    },
  });
  return { stacks, started, closed };
}

describe('startStacks', () => {
  it('starts the services of each arm with its configuration and that of the workload, and with the probe', async () => {
    const { stacks, started } = start();
    await stacks;
    expect(started.map(({ env }) => env?.MODEL_TRANSPORT)).toEqual(['rest', 'grpc', 'other']);
    expect(started[0]).toMatchObject({
      ...{ topology: 'services', services: ['model', 'gateway'] },
      env: { SIZE: 'small', USE_MOCK: 'true', [RUN_ID_VARIABLE]: 'run', NODE_OPTIONS: expect.stringContaining('attach.ts') },
    });
  });

  it('expects the hash of the configuration that the processes receive', async () => {
    const { stacks, started } = start();
    const [first, second] = await stacks;
    const env = started[0]?.env ?? {};
    expect(first?.processes.configurationHash).toBe(hashConfiguration(env, env[CONFIGURED_VARIABLE]?.split(',') ?? []));
    expect(second?.processes.configurationHash).not.toBe(first?.processes.configurationHash);
    expect(first).toMatchObject({ url: 'http://rest', pids: [7], processes: { runId: 'run', pids: [7] } });
  });

  it('stops all platforms and cancels the others when one does not start', async () => {
    const { stacks, closed } = start({
      async startOne({ env, signal }) {
        if (env?.MODEL_TRANSPORT === 'grpc') throw new Error('no port');
        if (env?.MODEL_TRANSPORT === 'other')
          await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
      },
    });
    await expect(stacks).rejects.toMatchObject({
      ...{ name: 'ArmStartError', message: `The platform of the arm "${arms[1]?.label}" did not start.` },
      cause: { message: 'no port' },
    });
    expect(closed).toEqual(['rest']);
  });

  it('rejects with the reason of an aborted signal after it has stopped the platforms that had started', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const { stacks, closed } = start({
      signal: controller.signal,
      async startOne({ env }) {
        if (env?.MODEL_TRANSPORT !== 'other') return;
        controller.abort(reason);
        throw reason;
      },
    });
    await expect(stacks).rejects.toBe(reason);
    expect(closed).toEqual(['rest', 'grpc']);
  });
});

it('closes all platforms, although one does not close', async () => {
  const { stacks, closed } = start();
  const all = await stacks;
  const broken = { ...all[0], close: () => Promise.reject(new Error('stuck')) } as (typeof all)[number];
  await closeStacks([broken, ...all]);
  expect(closed).toEqual(['rest', 'grpc', 'other']);
});
