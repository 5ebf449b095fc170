import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARED_POSTGRES_VARIABLE } from '@prodigon/testing';
import { vi } from 'vitest';
import type { ServiceName } from './index.ts';

/**
 * `ready`: behaves like a real service. `misconfigured`: exits with 78 immediately.
 * `stubborn`: becomes ready and ignores SIGTERM.
 */
export type Behavior = 'ready' | 'misconfigured' | 'stubborn';

export interface FakePlatform {
  readonly rootDirectory: string;
  /** An environment with free ports and the tests' PostgreSQL, without the configuration of the machine. */
  readonly env: NodeJS.ProcessEnv;
  readonly dataDirectory: string;
  /** Sets the behavior of the next process of this service. */
  behave(service: ServiceName, behavior: Behavior): void;
  /** Returns the log of the services, e.g. `{service: 'model', event: 'started', pid: 7, env: {…}}`. */
  log(): LogEntry[];
  remove(): void;
}

export interface LogEntry {
  service: ServiceName;
  event: 'started' | 'SIGTERM' | 'disconnect' | 'exit';
  pid: number;
  env: Record<string, string | undefined>;
}

/** Creates a folder with the layout of the repository and minimal services. */
export function createFakePlatform(): FakePlatform {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-stack-'));
  mkdirSync(join(rootDirectory, 'config'));
  writeFileSync(join(rootDirectory, 'config/models.yaml'), 'providers: {}\n');
  const logPath = join(rootDirectory, 'log');
  const behaviorPath = (service: ServiceName) => join(rootDirectory, `${service}.behavior`);
  for (const [service, portVariable] of Object.entries({
    gateway: 'GATEWAY_PORT',
    model: 'MODEL_PORT',
    worker: 'WORKER_PORT',
    monolith: 'GATEWAY_PORT',
    lab: 'LAB_PORT',
  })) {
    const folder = join(rootDirectory, 'apps', service, 'src');
    mkdirSync(folder, { recursive: true });
    const settings = { service, portVariable, logPath, behaviorPath: behaviorPath(service as ServiceName) };
    writeFileSync(join(folder, 'main.ts'), `const settings = ${JSON.stringify(settings)};\n${FAKE_SERVICE}`);
  }
  // When root runs the tests, the database runs as another user, which must traverse the folder.
  chmodSync(rootDirectory, 0o711);
  const { PATH } = process.env;
  return {
    rootDirectory,
    env: {
      PATH,
      GATEWAY_PORT: '0',
      MODEL_PORT: '0',
      WORKER_PORT: '0',
      LABS: 'off',
      DATABASE_URL: process.env[SHARED_POSTGRES_VARIABLE],
    },
    dataDirectory: join(rootDirectory, '.prodigon'),
    behave: (service, behavior) => writeFileSync(behaviorPath(service), behavior),
    log: () =>
      existsSync(logPath)
        ? readFileSync(logPath, 'utf8')
            .split('\n')
            .filter((line) => line !== '')
            .map((line) => JSON.parse(line) as LogEntry)
        : [],
    remove: () => rmSync(rootDirectory, { recursive: true, force: true }),
  };
}

/** Resolves when the service at this URL accepts connections, and therefore handles signals. */
export async function untilListening(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  await vi.waitFor(
    async () => {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect').finally(() => socket.destroy());
    },
    { timeout: 60_000, interval: 10 },
  );
}

const FAKE_SERVICE = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const { service, portVariable, logPath, behaviorPath } = settings;
const behavior = existsSync(behaviorPath) ? readFileSync(behaviorPath, 'utf8') : 'ready';
const write = (event) => appendFileSync(logPath, JSON.stringify({ service, event, pid: process.pid, env: process.env }) + '\\n');
const end = (event) => {
  write(event);
  if (behavior === 'stubborn') return;
  write('exit');
  process.exit(0);
};

write('started');
if (behavior === 'misconfigured') process.exit(78);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => end('SIGTERM'));
process.on('disconnect', () => end('disconnect'));
const server = createServer().listen(Number(process.env[portVariable]), '127.0.0.1', () => {
  process.send?.({ type: 'ready', service, url: 'http://127.0.0.1:' + server.address().port });
});
`;
