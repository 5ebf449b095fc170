import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { identifyProcess, isAlive, type ProcessIdentity } from '../process-identity.ts';
import { withConnection } from './connect-database.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from './embedded-database.ts';
import { findOrphanedDatabase, stopOrphanedDatabase } from './orphaned-database.ts';

const WAIT = { timeout: 60_000, interval: 10 };
let dataDirectory: string;
let supervisor: ChildProcess | undefined;
const databases: EmbeddedDatabase[] = [];
const messages: string[] = [];
const onEvent = ({ message }: { message: string }) => void messages.push(message);

const clusterFolder = () => join(dataDirectory, 'database');
const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);
const requireIdentity = ({ identity }: EmbeddedDatabase): ProcessIdentity => {
  if (!identity) throw new Error('The database is not running');
  return identity;
};

/** Starts the database. Copies an initialized cluster first if the database folder does not exist. */
async function start(): Promise<EmbeddedDatabase> {
  if (!existsSync(clusterFolder())) await copyClusterTemplate(dataDirectory);
  return startHere();
}

async function startHere(): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({ dataDirectory, onEvent });
  databases.push(database);
  return database;
}

/** Starts the database from another process. Resolves with the URL. */
async function startElsewhere(): Promise<string> {
  await copyClusterTemplate(dataDirectory);
  const script = join(dataDirectory, 'supervisor.ts');
  const module = pathToFileURL(join(import.meta.dirname, 'embedded-database.ts')).href;
  writeFileSync(
    script,
    `import { startEmbeddedDatabase } from ${JSON.stringify(module)};
     const database = await startEmbeddedDatabase({ dataDirectory: ${JSON.stringify(dataDirectory)} });
     process.send(database.url);
     process.on('SIGTERM', async () => { await database.stop(); process.exit(0); });`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  supervisor = child;
  return new Promise((resolve, reject) => {
    child.once('message', (url) => resolve(String(url)));
    child.once('exit', (code) => reject(new Error(`The supervisor ended (${code})`)));
  });
}

async function killSupervisor(): Promise<void> {
  if (!supervisor) throw new Error('No supervisor runs');
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
}

function createFolder(): void {
  dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-database-'));
  // When root runs the tests, the server runs as another user, which must traverse the folder.
  chmodSync(dataDirectory, 0o711);
}

async function stopEverything(): Promise<void> {
  for (const database of databases.splice(0)) await database.stop();
  supervisor?.kill('SIGKILL');
  supervisor = undefined;
  await stopOrphanedDatabase(dataDirectory, () => {});
  messages.length = 0;
  rmSync(dataDirectory, { recursive: true, force: true });
}

describe('a new database', () => {
  let database: EmbeddedDatabase;
  let concurrent: EmbeddedDatabase;
  beforeAll(async () => {
    createFolder();
    // An initialization was interrupted.
    mkdirSync(join(dataDirectory, 'database.new'));
    writeFileSync(join(dataDirectory, 'database.new', 'half'), '');
    [database, concurrent] = await Promise.all([startHere(), startHere()]);
  });
  afterAll(stopEverything);

  it('is initialized once for concurrent starts, also after an interrupted initialization', async () => {
    expect([concurrent.url, concurrent.identity]).toEqual([database.url, requireIdentity(database)]);
    expect(await query(database.url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
    expect(existsSync(join(dataDirectory, 'database.new'))).toBe(false);
    expect(existsSync(join(clusterFolder(), 'half'))).toBe(false);
  });

  it('runs PostgreSQL 18 on 127.0.0.1 only, with a password, checksums and fsync', async () => {
    const { url } = database;
    const settings = ['listen_addresses', 'unix_socket_directories', 'data_checksums', 'fsync', 'server_encoding'];
    const columns = settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ');
    expect(await query(url, `SELECT ${columns}, current_setting('server_version_num')::int / 10000 AS major`)).toEqual([
      {
        listen_addresses: '127.0.0.1',
        unix_socket_directories: '',
        data_checksums: 'on',
        fsync: 'on',
        server_encoding: 'UTF8',
        major: 18,
      },
    ]);
    const wrong = new URL(url);
    wrong.password = 'guessed';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('stores its password in one file that only its owner can read', () => {
    const { password } = new URL(database.url);
    const files = readdirSync(dataDirectory).filter((name) => statSync(join(dataDirectory, name)).isFile());
    const holding = files.filter((name) => readFileSync(join(dataDirectory, name), 'utf8').includes(password));
    expect(holding).toEqual(['database.json']);
    expect(statSync(join(dataDirectory, 'database.json')).mode & 0o777).toBe(0o600);
  });

  it.runIf(process.platform === 'linux')(
    'runs in its own process group, so that Ctrl-C at the terminal does not reach it',
    () => {
      const { pid } = requireIdentity(database);
      const groupOf = (process: number | 'self') => readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
      expect(groupOf(pid)).not.toBe(groupOf('self'));
    },
  );

  it('logs no client queries', async () => {
    await expect(query(database.url, "SELECT 'a secret prompt'::int")).rejects.toMatchObject({ code: '22P02' });
    expect(readFileSync(join(dataDirectory, 'database.log'), 'utf8')).not.toContain('secret prompt');
  });
});

describe('a database with data', () => {
  beforeEach(createFolder);
  afterEach(stopEverything);

  it('restarts at the same URL when its server is killed, and keeps committed data, also across a stop', async () => {
    const database = await start();
    const { url } = database;
    const killed = requireIdentity(database);
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS x');
    process.kill(killed.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages.at(-1)).toBe('database is ready again.'), WAIT);
    expect(messages[0]).toBe('database stopped (killed by SIGKILL). Restarting in 0.3 s.');
    expect(database).toMatchObject({ url, restarts: 1 });
    const restarted = requireIdentity(database);
    expect(restarted).not.toEqual(killed);
    expect(await query(url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);

    await database.stop();
    expect(isAlive(restarted)).toBe(false);
    expect(await query((await start()).url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  });

  it('survives kill -9 of its supervisor: the next start adopts it, restarts it at the same URL and stops it', async () => {
    const url = await startElsewhere();
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS x');
    await killSupervisor();
    const orphan = findOrphanedDatabase(dataDirectory)?.identity as ProcessIdentity;
    const database = await start();
    expect(database.identity).toEqual(orphan);
    expect(messages).toEqual([`The database of an earlier start still runs (pid ${orphan.pid}). Using it.`]);
    expect(await query(url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);

    process.kill(orphan.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages.at(-1)).toBe('database is ready again.'), WAIT);
    expect(database.url).toBe(url);
    expect(await query(url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
    const restarted = requireIdentity(database);
    await database.stop();
    expect(isAlive(restarted)).toBe(false);
  });

  it('recovers after its server was killed, when another program reuses the pid of the server', async () => {
    const database = await start();
    await query(database.url, 'CREATE TABLE kept AS SELECT 7 AS x');
    process.kill(requireIdentity(database).pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages).toHaveLength(1), WAIT);
    await database.stop();
    const bystander = spawn('sleep', ['1000']);
    onTestFinished(() => void bystander.kill('SIGKILL'));
    const pidFile = join(clusterFolder(), 'postmaster.pid');
    writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(bystander.pid)));
    expect(await query((await start()).url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
    expect(identifyProcess(bystander.pid as number)).not.toBeNull();
  });

  it('is shared with another process, and gets a new owner after that process has ended', async () => {
    const url = await startElsewhere();
    const first = await start();
    const { identity } = first;
    expect(first.url).toBe(url);
    await first.stop();
    expect(isAlive(identity as ProcessIdentity)).toBe(true);

    const second = await start();
    supervisor?.kill('SIGTERM');
    await vi.waitFor(() => expect(messages.at(-1)).toBe('database is ready again.'), WAIT);
    expect(second.url).toBe(url);
    const own = requireIdentity(second);
    await second.stop();
    expect(isAlive(own)).toBe(false);
  });
});
