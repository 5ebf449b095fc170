import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import {
  createStack,
  findStacks,
  type ProcessName,
  type Replicas,
  type Stack,
  type StandaloneService,
  type Topology,
} from '@prodigon/stack';
import type { Pin } from '../processes/pin.ts';
import { hideDotEnv } from './hide-dot-env.ts';
import { makeLabFolder, removeLabFolder } from './lab-folder.ts';

const OUTPUT_CHARACTERS_SHOWN = 2_000;
/** The discard port: the gateway must not call the worker of another platform on the default port. */
const WITHOUT_WORKER = { WORKER_SERVICE_URL: 'http://127.0.0.1:9' };

export interface LabStackOptions {
  readonly topology: Topology;
  readonly replicas?: Replicas;
  /** The services of the topology "services" to start. Without the worker, the platform needs no database. Defaults to all. */
  readonly services?: readonly StandaloneService[] | undefined;
  /** The configuration. Defaults to free ports and a new database. `withProbe` attaches the probe to each service. */
  readonly env?: NodeJS.ProcessEnv;
  readonly pin?: Pin | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LabProcess {
  readonly service: ProcessName;
  readonly pid: number;
  /** The address it listens on, if any. */
  readonly url: string | null;
}

export interface LabStack {
  /** The URL of the gateway. */
  readonly url: string;
  /** The running processes, read again on each access. Includes `database` unless the configuration names another one. */
  readonly processes: readonly LabProcess[];
  /** The data folder, which also contains the output of the processes in `output.log`. */
  readonly dataDirectory: string;
  /** Stops all processes and removes the folder. */
  close(): Promise<void>;
}

/**
 * Starts the platform as `prodigon start` does, with a temporary data folder. Of the environment of this process it passes
 * only PATH and HOME. When the start fails or the signal aborts, it stops all processes, removes the folder and rejects,
 * for an aborted signal with its reason.
 */
export async function startLabStack({ topology, replicas, services, env = {}, pin, signal }: LabStackOptions): Promise<LabStack> {
  signal?.throwIfAborted();
  const dataDirectory = makeLabFolder();
  const outputPath = join(dataDirectory, 'output.log');
  const output = openSync(outputPath, 'a');
  let stack: Stack | null = null;
  const close = async () => {
    await stack?.stop();
    closeSync(output);
    removeLabFolder(dataDirectory);
  };
  const onAbort = () => void stack?.stop();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const hasWorker = services?.includes('worker') ?? true;
    stack = createStack({
      ...{ topology, replicas, services, output, rootDirectory: REPOSITORY_ROOT },
      isWithoutDatabase: !hasWorker,
      env: labEnvironment(hasWorker ? env : { ...WITHOUT_WORKER, ...env }, dataDirectory),
    });
    const url = await stack.start();
    signal?.throwIfAborted();
    pin?.underTest(listProcesses(dataDirectory).map(({ pid }) => pid));
    return {
      url,
      get processes() {
        return listProcesses(dataDirectory);
      },
      dataDirectory,
      close: once(close),
    };
  } catch (cause) {
    const lastOutput = readFileSync(outputPath, 'utf8').slice(-OUTPUT_CHARACTERS_SHOWN);
    await close();
    signal?.throwIfAborted();
    throw new Error(`The platform did not start: ${(cause as Error).message}\n${lastOutput}`, { cause });
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function labEnvironment(env: NodeJS.ProcessEnv, dataDirectory: string): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  const ports = { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', LABS: 'off' };
  return { ...hideDotEnv(REPOSITORY_ROOT), PATH, HOME, ...ports, ...env, DATA_DIR: dataDirectory };
}

function listProcesses(dataDirectory: string): LabProcess[] {
  const all = findStacks(dataDirectory).flatMap(({ state }) => state.processes);
  return all.flatMap(({ service, process, url }) => (process ? [{ service, pid: process.pid, url }] : []));
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}
