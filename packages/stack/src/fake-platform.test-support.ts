import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARED_POSTGRES_VARIABLE } from '@prodigon/testing';
import type { ServiceName } from './index.ts';

/**
 * `ready`: like a real service. `crash`: exits with 1 immediately. `refuse`: exits with 78, for a wrong configuration.
 * `stubborn`: becomes ready and ignores SIGTERM.
 */
export type Behaviour = 'ready' | 'crash' | 'refuse' | 'stubborn';

export interface FakePlatform {
  readonly rootDirectory: string;
  /** An environment with free ports, the tests' PostgreSQL and nothing of the machine's own configuration. */
  readonly env: NodeJS.ProcessEnv;
  readonly dataDirectory: string;
  /** Sets the behavior of the next process of this service. */
  behave(service: ServiceName, behaviour: Behaviour): void;
  /** Returns the log of the services, e.g. `{service: 'model', what: 'started', pid: 7, env: {…}}`. */
  log(): LogEntry[];
  remove(): void;
}

export interface LogEntry {
  service: ServiceName;
  what: 'started' | 'SIGTERM' | 'disconnect' | 'exit';
  pid: number;
  env: Record<string, string | undefined>;
}

/** Creates a folder that looks like the repository, with services of a few lines. */
export function createFakePlatform(): FakePlatform {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-stack-'));
  const logPath = join(rootDirectory, 'log');
  const behaviourPath = (service: ServiceName) => join(rootDirectory, `${service}.behaviour`);
  for (const [service, portVariable] of Object.entries({
    gateway: 'GATEWAY_PORT',
    model: 'MODEL_PORT',
    worker: 'WORKER_PORT',
    monolith: 'GATEWAY_PORT',
  })) {
    const folder = join(rootDirectory, 'apps', service, 'src');
    mkdirSync(folder, { recursive: true });
    const settings = { service, portVariable, logPath, behaviourPath: behaviourPath(service as ServiceName) };
    writeFileSync(join(folder, 'main.ts'), `const settings = ${JSON.stringify(settings)};\n${FAKE_SERVICE}`);
  }
  // As root the embedded database runs as another user, who has to enter the folder.
  chmodSync(rootDirectory, 0o711);
  const { PATH } = process.env;
  return {
    rootDirectory,
    env: { PATH, GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0', DATABASE_URL: process.env[SHARED_POSTGRES_VARIABLE] },
    dataDirectory: join(rootDirectory, '.prodigon'),
    behave: (service, behaviour) => writeFileSync(behaviourPath(service), behaviour),
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

const FAKE_SERVICE = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const { service, portVariable, logPath, behaviourPath } = settings;
const behaviour = existsSync(behaviourPath) ? readFileSync(behaviourPath, 'utf8') : 'ready';
const write = (what) => appendFileSync(logPath, JSON.stringify({ service, what, pid: process.pid, env: process.env }) + '\\n');
const end = (what) => {
  write(what);
  if (behaviour === 'stubborn') return;
  write('exit');
  process.exit(0);
};

write('started');
if (behaviour === 'crash') process.exit(1);
if (behaviour === 'refuse') process.exit(78);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => end('SIGTERM'));
process.on('disconnect', () => end('disconnect'));
const server = createServer().listen(Number(process.env[portVariable]), '127.0.0.1', () => {
  process.send?.({ type: 'ready', service, url: 'http://127.0.0.1:' + server.address().port });
});
`;
