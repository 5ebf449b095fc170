import type { ResponseCheck } from '../load/load-plan.ts';
import { hashConfiguration } from '../probe/configuration-hash.ts';
import { withProbe } from '../probe/with-probe.ts';
import { type LabStack, type LabStackOptions, startLabStack } from '../stack/start-lab-stack.ts';
import type { Arm, Workload } from './experiment.ts';

/** The running platform of an arm. */
export interface RunningStack {
  readonly arm: Arm;
  /** The URL of its gateway. */
  readonly url: string;
  readonly pids: readonly number[];
  /** How its responses identify themselves. */
  readonly processes: NonNullable<ResponseCheck['processes']>;
  close(): Promise<void>;
}

export interface StartStacksOptions {
  readonly arms: readonly Arm[];
  readonly workload: Workload;
  readonly runId: string;
  /** The folder of the probes. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly start?: (options: LabStackOptions) => Promise<LabStack>;
}

/** The platform of an arm did not start. The message is for the learner; the cause has the reason. */
export class ArmStartError extends Error {
  override readonly name = 'ArmStartError';
}

/** Experiments use no external provider, and their platforms stop without a drain. */
const ENVIRONMENT = { USE_MOCK: 'true', DRAIN_NOTICE_MS: '0', DRAIN_TIMEOUT_MS: '1000' };

/**
 * Starts the platforms of all arms concurrently. When one does not start, it stops all of them and rejects with an ArmStartError.
 * When the signal aborts, it stops them and rejects with the reason.
 */
export async function startStacks(options: StartStacksOptions): Promise<RunningStack[]> {
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const started = await Promise.allSettled(
    options.arms.map((arm) =>
      startStack(arm, { ...options, signal }).catch((error: unknown) => {
        failure.abort(new ArmStartError(`The platform of the arm "${arm.label}" did not start.`, { cause: error }));
        throw error;
      }),
    ),
  );
  const running = started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  if (running.length === options.arms.length) return running;
  await closeStacks(running);
  options.signal.throwIfAborted();
  throw failure.signal.reason;
}

export async function closeStacks(stacks: readonly RunningStack[]): Promise<void> {
  await Promise.allSettled(stacks.map((stack) => stack.close()));
}

async function startStack(arm: Arm, { workload, runId, directory, signal, start = startLabStack }: StartStacksOptions) {
  const { topology, replicas, services, env } = arm.stack;
  const configuration = { ...ENVIRONMENT, ...workload.env, ...env };
  const configured = Object.keys(configuration);
  const stack = await start({
    ...{ topology, services, signal },
    ...(replicas && { replicas }),
    env: withProbe(configuration, { runId, directory, configured }),
  });
  const pids = stack.processes.map(({ pid }) => pid);
  const processes = { runId, pids, configurationHash: hashConfiguration(configuration, configured) };
  return { arm, url: stack.url, pids, processes, close: stack.close };
}
