import type { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import type { StackSettings } from '../stack-settings.ts';
import { checkConfiguredDatabase, checkDatabase } from './check-database.ts';
import { withConnection } from './connect-database.ts';
import { createDatabase, withDatabase } from './create-database.ts';
import { startFakePostgres } from './fake-postgres.test-support.ts';
import { openDatabase } from './open-database.ts';

const NOWHERE = 'postgresql://ada:secret@127.0.0.1:1/jobs';
const version = (text: string) => startFakePostgres(() => ({ rows: [{ version: text }] }));
const rejection = (reason: string, exitCode = 78) => ({ exitCode, message: `DATABASE_URL cannot be used: ${reason}.` });

describe('withConnection', () => {
  it('returns the result of the work and closes the connection', async () => {
    const { url } = await version('180004');
    let used: Client | undefined;
    const rows = await withConnection(url, async (client) => {
      used = client;
      return (await client.query('SELECT 1')).rows;
    });
    expect(rows).toEqual([{ version: '180004' }]);
    await expect(used?.query('SELECT 1')).rejects.toThrow();
  });

  it('closes the connection when the work fails', async () => {
    const { url } = await version('180004');
    let used: Client | undefined;
    const failed = withConnection(url, async (client) => {
      used = client;
      throw new Error('broken');
    });
    await expect(failed).rejects.toThrow('broken');
    await expect(used?.query('SELECT 1')).rejects.toThrow();
  });

  it('rejects with the code of the driver when no server listens', async () => {
    await expect(withConnection(NOWHERE, async () => 7)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('checkDatabase', () => {
  it('accepts PostgreSQL 14 and later', async () => {
    await checkDatabase((await version('140000')).url);
    await checkDatabase((await version('180004')).url);
  });

  it('rejects an older server', async () => {
    const { url } = await version('139999');
    const reason = 'the server runs PostgreSQL 13, and Prodigon requires 14 or later';
    await expect(checkDatabase(url)).rejects.toMatchObject(rejection(reason));
  });

  it('explains a server that rejects the connection', async () => {
    const { url } = await startFakePostgres(() => ({ error: '53300' }));
    const reason = `the server at ${new URL(url).host} has no free connections`;
    await expect(checkDatabase(url)).rejects.toMatchObject({ ...rejection(reason, 1), cause: { code: '53300' } });
  });

  it('explains a server that does not listen', async () => {
    const reason = 'no PostgreSQL server answers at 127.0.0.1:1 (ECONNREFUSED)';
    await expect(checkDatabase(NOWHERE)).rejects.toMatchObject(rejection(reason, 1));
  });
});

describe('checkConfiguredDatabase', () => {
  it('names the variable of the URL that cannot be used', async () => {
    const configuration = { DATABASE_URL: (await version('180004')).url, DATABASE_DIRECT_URL: undefined };
    await checkConfiguredDatabase(configuration);
    await expect(checkConfiguredDatabase({ ...configuration, DATABASE_DIRECT_URL: NOWHERE })).rejects.toMatchObject({
      message: 'DATABASE_DIRECT_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:1 (ECONNREFUSED).',
    });
  });
});

describe('createDatabase', () => {
  const startServer = (result: Parameters<typeof startFakePostgres>[0]) => startFakePostgres(result);
  const isSearch = (sql: string) => sql.includes('pg_database');

  it('creates a missing database through the database "postgres"', async () => {
    const { url, queries } = await startServer(() => ({ rows: [] }));
    await createDatabase(url);
    expect(queries).toEqual(['postgres: SELECT FROM pg_database WHERE datname = $1', 'postgres: CREATE DATABASE "jobs"']);
  });

  it('leaves an existing database alone', async () => {
    const { url, queries } = await startServer(() => ({ rows: [{ found: 'yes' }] }));
    await createDatabase(url);
    expect(queries).toHaveLength(1);
  });

  it.each(['42P04', '23505'])('accepts that another process creates the database first (%s)', async (error) => {
    const { url } = await startServer((sql) => (isSearch(sql) ? { rows: [] } : { error }));
    await createDatabase(url);
  });

  it('rejects with any other error', async () => {
    const { url } = await startServer((sql) => (isSearch(sql) ? { rows: [] } : { error: '42501' }));
    await expect(createDatabase(url)).rejects.toMatchObject({ code: '42501' });
  });

  it('replaces only the database in a URL', () => {
    expect(withDatabase('postgresql://ada:p%40ss@host:5433/jobs?sslmode=require', 'postgres')).toBe(
      'postgresql://ada:p%40ss@host:5433/postgres?sslmode=require',
    );
  });
});

describe('openDatabase', () => {
  const open = (DATABASE_URL: string, DATABASE_DIRECT_URL?: string) =>
    openDatabase(
      { configuration: { DATABASE_URL, DATABASE_DIRECT_URL }, dataDirectory: '/data' } as unknown as StackSettings,
      () => {},
    );

  it('opens the configured database and names it without the user', async () => {
    const { url } = await version('180004');
    const { host } = new URL(url);
    const opened = await open(url);
    expect([opened.url, opened.name]).toEqual([url, `the database jobs at ${host}`]);
    opened.kill();
    await opened.close();
    const withoutName = withDatabase(url, '');
    expect((await open(withoutName)).name).toBe(`the database at ${host}`);
  });

  it('opens the database without its pooler', async () => {
    const { url } = await version('180004');
    expect((await open(NOWHERE, url)).url).toBe(url);
    await expect(open(url, NOWHERE)).rejects.toMatchObject({ message: expect.stringMatching(/^DATABASE_DIRECT_URL cannot/) });
  });

  it('rejects a configured database that cannot be used', async () => {
    await expect(open(NOWHERE)).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/^DATABASE_URL cannot/) });
  });
});
