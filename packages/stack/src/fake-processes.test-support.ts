import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { createStack, type Stack, type StackOptions } from './create-stack.ts';
import type { EmbeddedDatabase } from './database/embedded-database.ts';
import type { ServiceUser } from './service-user.ts';
import type { StackEvent } from './stack-event.ts';
import { FakeChild } from './supervised-process.test-support.ts';
import { createManualTimers } from './timers.test-support.ts';
// A start loads it on demand, which would take the first test more turns than the others.
import '@prodigon/platform/platform-configuration';

const FIRST_PORT = 4_001;
const DATABASE_URL = 'postgresql://prodigon:secret@127.0.0.1:5001/prodigon';

export type SpawnCall = Parameters<NonNullable<StackOptions['spawn']>>;

export interface FakeProcess {
  readonly service: string;
  readonly child: FakeChild;
  readonly program: SpawnCall[0];
  readonly args: SpawnCall[1];
  readonly options: SpawnCall[2];
  readonly env: NodeJS.ProcessEnv;
}

/** Runs stacks in a temporary folder over fake processes and a fake database. Call it within a test. */
export function createFakeProcesses() {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-processes-'));
  mkdirSync(join(rootDirectory, 'config'));
  writeFileSync(join(rootDirectory, 'config/models.yaml'), 'providers: {}\n');
  onTestFinished(() => rmSync(rootDirectory, { recursive: true, force: true }));
  const timers = createManualTimers();
  const events: StackEvent[] = [];
  const started: FakeProcess[] = [];
  /** Starts and signals, in their order, e.g. `model started` and `database stop`. */
  const log: string[] = [];
  /** Services whose processes do not become ready. */
  const silent = new Set<string>();
  /** Services whose processes ignore SIGTERM. */
  const stubborn = new Set<string>();
  let port = FIRST_PORT;

  function spawn(...[program, args, options]: SpawnCall) {
    const service = basename(resolve(args.at(-1) ?? '', '../..'));
    const env = options.env ?? {};
    const child = new FakeChild(process.pid);
    const variable = { model: 'MODEL_PORT', worker: 'WORKER_PORT', lab: 'LAB_PORT' }[service] ?? 'GATEWAY_PORT';
    const url = `http://127.0.0.1:${Number(env[variable]) || port++}`;
    vi.spyOn(child, 'kill').mockImplementation((signal) => {
      log.push(`${service} ${signal}`);
      child.signals.push(signal);
      if (signal === 'SIGKILL') queueMicrotask(() => child.exit(null, signal));
      else if (!stubborn.has(service)) queueMicrotask(() => child.exit(0));
      return true;
    });
    log.push(`${service} started`);
    started.push({ service, child, program, args, options, env });
    if (!silent.has(service)) queueMicrotask(() => child.becomeReady(url, service === 'model' ? GRPC_URL : undefined));
    return child.asChildProcess();
  }

  const database = {
    ...{ service: 'database', title: 'database', restarts: 0, url: DATABASE_URL, identity: null, folder: rootDirectory },
    publicUrl: 'postgresql://127.0.0.1:5001/prodigon',
    start: vi.fn(async () => DATABASE_URL),
    stop: vi.fn(async () => void log.push('database stop')),
    kill: vi.fn(() => void log.push('database kill')),
  } satisfies EmbeddedDatabase;
  const createDatabase = vi.fn(() => database);
  const findServiceUser = vi.fn((): ServiceUser => ({ user: null }));

  function create({ env, ...options }: Partial<StackOptions> = {}): Stack {
    return createStack({
      ...{ topology: 'services', rootDirectory, timers, spawn, createDatabase, findServiceUser, ...options },
      env: { GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', LABS: 'off', ...env },
      onEvent: (event) => events.push(event),
    });
  }

  return {
    ...{ create, timers, events, started, log, silent, stubborn, database, createDatabase, findServiceUser, rootDirectory },
    dataDirectory: join(rootDirectory, '.prodigon'),
    messages: () => events.map(({ message }) => message),
    /** Returns the latest process of a service. */
    latest(service: string): FakeProcess {
      const found = started.findLast((each) => each.service === service);
      if (!found) throw new Error(`No process of ${service} has started`);
      return found;
    },
  };
}

/** The gRPC address of the model service. */
export const GRPC_URL = 'http://127.0.0.1:4011';

/** Lets promises that are already settled run their callbacks. */
export const flush = () => new Promise<void>((resolve) => setImmediate(resolve));
