import { type ChildProcess, spawn } from 'node:child_process';
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
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
  const child = supervisor;
  const ended = new Promise((resolve) => child?.once('exit', resolve));
  child?.kill('SIGKILL');
  await ended;
}

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'prodigon-database-'));
  // When root runs the tests, the server runs as another user, which must traverse the folder.
  chmodSync(dataDirectory, 0o711);
});

afterEach(async () => {
  for (const database of databases.splice(0)) await database.stop();
  supervisor?.kill('SIGKILL');
  supervisor = undefined;
  await stopOrphanedDatabase(dataDirectory, () => {});
  messages.length = 0;
  rmSync(dataDirectory, { recursive: true, force: true });
});

describe('the embedded database', () => {
  it('runs PostgreSQL 18 on 127.0.0.1 only, with a password, checksums and fsync', async () => {
    const { url } = await startHere();
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

  it('stores its password in one file that only its owner can read', async () => {
    const { url } = await start();
    const { password } = new URL(url);
    const files = readdirSync(dataDirectory).filter((name) => statSync(join(dataDirectory, name)).isFile());
    const holding = files.filter((name) => readFileSync(join(dataDirectory, name), 'utf8').includes(password));
    expect(holding).toEqual(['database.json']);
    expect(statSync(join(dataDirectory, 'database.json')).mode & 0o777).toBe(0o600);
  });

  it('keeps committed data across a restart', async () => {
    const first = await start();
    const identity = requireIdentity(first);
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS x');
    await first.stop();
    expect(isAlive(identity)).toBe(false);
    expect(await query((await start()).url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  });

  it.runIf(process.platform === 'linux')(
    'runs in its own process group, so that Ctrl-C at the terminal does not reach it',
    async () => {
      const { pid } = requireIdentity(await start());
      const groupOf = (process: number | 'self') => readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
      expect(groupOf(pid)).not.toBe(groupOf('self'));
    },
  );

  it('logs no client queries', async () => {
    const { url } = await start();
    await expect(query(url, "SELECT 'a secret prompt'::int")).rejects.toMatchObject({ code: '22P02' });
    expect(readFileSync(join(dataDirectory, 'database.log'), 'utf8')).not.toContain('secret prompt');
  });
});

describe('when the database server dies', () => {
  it('restarts a killed server at the same URL and reports it', async () => {
    const database = await start();
    const { url } = database;
    const killed = requireIdentity(database);
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS x');
    process.kill(killed.pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages.at(-1)).toBe('database is ready again.'), WAIT);
    expect(messages[0]).toBe('database stopped (killed by SIGKILL). Restarting in 0.3 s.');
    expect(database).toMatchObject({ url, restarts: 1 });
    expect(requireIdentity(database)).not.toEqual(killed);
    expect(await query(url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  });

  it('never replaces a missing database with an empty one', async () => {
    const database = await start();
    const { pid } = requireIdentity(database);
    process.kill(pid, 'SIGKILL');
    rmSync(clusterFolder(), { recursive: true, force: true });
    await vi.waitFor(
      () => expect(messages).toContainEqual(expect.stringMatching(/^The database folder is missing: .*database\./)),
      WAIT,
    );
    expect(existsSync(clusterFolder())).toBe(false);
  });
});

describe('after kill -9 of the supervisor', () => {
  it('keeps the database running, and the next start adopts and stops it', async () => {
    const url = await startElsewhere();
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS x');
    await killSupervisor();
    const orphan = findOrphanedDatabase(dataDirectory)?.identity as ProcessIdentity;
    const database = await start();
    expect(database.identity).toEqual(orphan);
    expect(messages).toEqual([`The database of an earlier start still runs (pid ${orphan.pid}). Using it.`]);
    expect(await query(database.url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
    await database.stop();
    expect(isAlive(orphan)).toBe(false);
  });

  it('restarts an adopted database at the same URL', async () => {
    const url = await startElsewhere();
    await killSupervisor();
    const database = await start();
    process.kill(requireIdentity(database).pid, 'SIGKILL');
    await vi.waitFor(() => expect(messages.at(-1)).toBe('database is ready again.'), WAIT);
    expect(database.url).toBe(url);
    expect(await query(url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  });

  it('stops the orphaned database when the operator stops the stack', async () => {
    await startElsewhere();
    await killSupervisor();
    const orphan = findOrphanedDatabase(dataDirectory)?.identity as ProcessIdentity;
    expect(await stopOrphanedDatabase(dataDirectory, onEvent)).toBe(true);
    expect(isAlive(orphan)).toBe(false);
    expect(messages).toEqual([`The database of an earlier start still runs (pid ${orphan.pid}). Stopping it.`]);
    expect(await stopOrphanedDatabase(dataDirectory, onEvent)).toBe(false);
  });

  it.each(['unused', 'reused by another program'])(
    'recovers a database that was killed after its supervisor, when its pid is now %s',
    async (pidState) => {
      await query(await startElsewhere(), 'CREATE TABLE kept AS SELECT 7 AS x');
      await killSupervisor();
      const { identity } = findOrphanedDatabase(dataDirectory) ?? {};
      process.kill(identity?.pid as number, 'SIGKILL');
      await vi.waitFor(() => expect(isAlive(identity as ProcessIdentity)).toBe(false), WAIT);
      const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
      const pidFile = join(clusterFolder(), 'postmaster.pid');
      if (pidState === 'reused by another program')
        writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(bystander.pid)));
      try {
        expect(await query((await start()).url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
        expect(identifyProcess(bystander.pid as number)).not.toBeNull();
      } finally {
        bystander.kill('SIGKILL');
      }
    },
  );
});

describe('while another process owns the database', () => {
  it('shares the database of another process and becomes its owner after that process has ended', async () => {
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

  it('initializes the database once for concurrent starts', async () => {
    const [one, other] = await Promise.all([startHere(), startHere()]);
    expect(one?.url).toBe(other?.url);
    expect(one?.identity).toEqual(other?.identity);
  });
});

describe('unusable database folders', () => {
  it('rejects a database folder that contains other files', async () => {
    mkdirSync(clusterFolder());
    writeFileSync(join(clusterFolder(), 'thesis.txt'), 'three years');
    await expect(start()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(
        /^The folder \S+database is reserved for the database, but contains other files\. Move it away/,
      ),
    });
    expect(readdirSync(clusterFolder())).toEqual(['thesis.txt']);
  });

  it('rejects a database folder of another major version', async () => {
    await (await start()).stop();
    writeFileSync(join(clusterFolder(), 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(
        /^The database in \S+ was created by PostgreSQL 17, but this version of Prodigon runs PostgreSQL 18\./,
      ),
    });
  });

  it('rejects a database folder whose password is unknown', async () => {
    await (await start()).stop();
    rmSync(join(dataDirectory, 'database.json'));
    await expect(start()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringMatching(/because \S+database\.json, which contains its password, is missing/),
    });
  });

  it('rejects a running server with another password', async () => {
    const url = await startElsewhere();
    await query(url, "ALTER USER prodigon PASSWORD 'theirs'");
    await killSupervisor();
    const orphan = findOrphanedDatabase(dataDirectory)?.identity as ProcessIdentity;
    await expect(start()).rejects.toMatchObject({
      exitCode: 78,
      message: expect.stringContaining(
        `A database server (pid ${orphan.pid}) runs on ${clusterFolder()}, but rejects the recorded password.`,
      ),
    });
    expect(isAlive(orphan)).toBe(true);
  });
});

it('initializes the database again after an interrupted initialization', async () => {
  mkdirSync(join(dataDirectory, 'database.new'));
  writeFileSync(join(dataDirectory, 'database.new', 'half'), '');
  expect(await query((await startHere()).url, 'SELECT 1 AS x')).toEqual([{ x: 1 }]);
  expect(existsSync(join(dataDirectory, 'database.new'))).toBe(false);
});
