import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildGatewayApp } from '@prodigon/gateway';
import { buildLabApp } from '@prodigon/lab-app';
import { buildModelApp } from '@prodigon/model';
import type { ProcessParts } from '@prodigon/platform';
import { type AppStartError, createTestDatabase, type RunningApp, startApp, type TestDatabase } from '@prodigon/testing';
import { buildWorkerApp } from '@prodigon/worker';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { buildMonolithApp } from './monolith-app.ts';

/** A test of each variable. It fails when apps ignore the variable. */
export type VariableTests = Record<string, () => Promise<void>>;

const BUILDERS = {
  gateway: buildGatewayApp,
  model: buildModelApp,
  worker: buildWorkerApp,
  monolith: buildMonolithApp,
  lab: buildLab,
};

/** Builds the lab service with a folder of its own for the learner. */
function buildLab(env: NodeJS.ProcessEnv): Promise<ProcessParts> {
  return buildLabApp(env, { learnerDirectory: join(env.DATA_DIR ?? '', 'my') });
}

/** The database of all apps whose tests create no jobs. Other tests create their own. */
let sharedDatabase: TestDatabase;
/** Creates the database that apps use by default, for the tests of the calling file. */
export function shareDatabase(): void {
  beforeAll(async () => {
    sharedDatabase = await createTestDatabase({ isMigrated: true });
  });
  afterAll(() => sharedDatabase?.drop());
}

export type AppName = keyof typeof BUILDERS;
export type Environment = Record<string, string>;

/** Adds the shared database to the variables of an app that needs one. */
function withDatabase(name: AppName, env: Environment): Environment {
  const needsDatabase = name === 'monolith' || name === 'worker';
  return needsDatabase ? { DATABASE_URL: sharedDatabase.url, ...env } : env;
}

/** Builds an app in this process and closes it when the test ends. */
export async function build(name: AppName, env: Environment = {}): Promise<ProcessParts> {
  const directory = createFolder();
  const parts = await BUILDERS[name]({
    ...{ GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', LAB_PORT: '0', LABS: 'off' },
    ...{ DATA_DIR: directory, LOG_LEVEL: 'silent', DRAIN_TIMEOUT_MS: '1' },
    ...withDatabase(name, env),
  });
  onTestFinished(async () => {
    await parts.lifecycle.drain();
    await Promise.all([parts.server.close(), parts.grpc?.server.close()]);
    for (const close of parts.closers ?? []) await close();
  });
  return parts;
}

/** Builds an app in this process and listens where its configuration says. */
export async function start(name: AppName, env: Environment = {}): Promise<{ url: string; grpcUrl: string }> {
  const { server, host, port, grpc } = await build(name, env);
  const grpcPort = await grpc?.server.listen({ host, port: grpc.port ?? 0 });
  return { url: await server.listen({ host, port }), grpcUrl: grpcPort === undefined ? '' : `http://${host}:${grpcPort}` };
}

/** Starts an app as a process. */
export async function startProcess(name: AppName, env: Environment = {}): Promise<RunningApp> {
  const app = await startApp(name, withDatabase(name, env));
  onTestFinished(() => app.close());
  return app;
}

/** Creates a database and deletes it when the test ends. */
export async function createDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ isMigrated: true });
  onTestFinished(() => database.drop());
  return database;
}

export async function startFailing(name: AppName, env: Environment): Promise<AppStartError> {
  return startApp(name, withDatabase(name, env)).then(
    () => expect.unreachable('It started.'),
    (failure) => failure,
  );
}

/** Listens on a free port until the test ends. Returns the port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

export function generate(url: string, request: object, path = ''): Promise<Response> {
  return fetch(`${url}/api/v1/generate${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'Hi', ...request }),
  });
}

/** Creates a folder and deletes it when the test ends. */
export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-variables-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
