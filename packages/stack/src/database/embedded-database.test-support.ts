import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, vi } from 'vitest';
import { identifyProcess, type ProcessIdentity } from '../process-identity.ts';
import type { StackEvent } from '../stack-event.ts';
import { createManualTimers } from '../timers.test-support.ts';
import type { Cluster } from './cluster.ts';
import { createEmbeddedDatabase, type PostgresOperations } from './embedded-database.ts';
import type { Postmaster } from './start-postmaster.ts';

/** The address of the fake PostgreSQL. */
export const FAKE_URL = 'postgresql://prodigon:secret@127.0.0.1:5001/prodigon';

export interface FakePostmaster extends Postmaster {
  end(reason: string): Promise<void>;
}

export function createFakePostmaster(port: number): FakePostmaster {
  const ended = Promise.withResolvers<string>();
  return {
    identity: identifyProcess(process.pid) as ProcessIdentity,
    port,
    ended: ended.promise,
    async end(reason) {
      ended.resolve(reason);
      await ended.promise;
    },
  };
}

/** Creates an embedded database over a fake PostgreSQL. */
function createFakeDatabase() {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-embedded-'));
  const folder = join(dataDirectory, 'database');
  mkdirSync(folder);
  // Marks the folder as a PostgreSQL data folder.
  writeFileSync(join(folder, 'PG_VERSION'), '18');
  const record = { folder, port: 0, user: 'prodigon', password: 'secret', database: 'prodigon' };
  const cluster = { dataDirectory, folder, record, notices: [] as string[] } as unknown as Cluster & { notices: string[] };
  const events: StackEvent[] = [];
  const timers = createManualTimers();
  const onChange = vi.fn();
  let server = createFakePostmaster(5_001);
  const postgres = {
    prepareCluster: vi.fn<PostgresOperations['prepareCluster']>(async () => cluster),
    findFreePort: vi.fn<PostgresOperations['findFreePort']>(async () => 5_001),
    startPostmaster: vi.fn<PostgresOperations['startPostmaster']>(async (_cluster, { port }) => {
      server = createFakePostmaster(port);
      return server;
    }),
    adoptPostmaster: vi.fn<PostgresOperations['adoptPostmaster']>(async () => null),
    createDatabase: vi.fn<PostgresOperations['createDatabase']>(async () => {}),
    stopPostmaster: vi.fn<PostgresOperations['stopPostmaster']>(async () => server.end('exit code 0')),
    signalPostmaster: vi.fn<PostgresOperations['signalPostmaster']>(),
  };
  const database = createEmbeddedDatabase({
    ...{ dataDirectory, onChange, timers, postgres },
    onEvent: (event) => events.push(event),
  });
  return {
    ...{ dataDirectory, folder, record, cluster, events, timers, onChange, postgres, database },
    messages: () => events.map(({ message }) => message),
    server: () => server,
    remove: () => rmSync(dataDirectory, { recursive: true, force: true }),
  };
}

/** Creates fake timers and an embedded database over a fake PostgreSQL for each test of a file. */
export function useFakeDatabase(): ReturnType<typeof createFakeDatabase> {
  const fake = {} as ReturnType<typeof createFakeDatabase>;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    Object.assign(fake, createFakeDatabase());
  });
  afterEach(() => {
    vi.useRealTimers();
    fake.remove();
  });
  return fake;
}

/** Lets promises that are already settled run their callbacks. */
export const flush = () => vi.advanceTimersByTimeAsync(0);
