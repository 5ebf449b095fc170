import { withConnection } from '@prodigon/stack';
import { expect, it } from 'vitest';
import { createTestDatabase, DURABLE_SETTINGS, startTestPostgres } from './postgres.ts';

const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);

it('creates a separate empty PostgreSQL 18 database for each test', async () => {
  const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await query(first.url, 'CREATE TABLE mine (x int)');
  expect(
    await query(second.url, "SELECT to_regclass('mine') AS found, current_setting('server_version_num')::int / 10000 AS major"),
  ).toEqual([{ found: null, major: 18 }]);
  await Promise.all([first.drop(), second.drop()]);
  await expect(query(first.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
});

it.each(['fast', 'immediate'] as const)('keeps committed data and its URL across a restart (%s)', async (mode) => {
  const server = await startTestPostgres();
  try {
    const { url, pid } = server;
    await query(url, 'CREATE TABLE kept AS SELECT 7 AS x');
    await server.restart(mode);
    expect(server).toMatchObject({ url });
    expect(server.pid).not.toBe(pid);
    expect(await query(url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  } finally {
    await server.close();
  }
});

it('recovers committed data after kill -9', async () => {
  const server = await startTestPostgres();
  try {
    await query(server.url, 'CREATE TABLE kept AS SELECT 7 AS x');
    process.kill(server.pid, 'SIGKILL');
    await server.restart();
    expect(await query(server.url, 'SELECT x FROM kept')).toEqual([{ x: 7 }]);
  } finally {
    await server.close();
  }
});

it('flushes commits to the disk with durable settings, as a production server does', async () => {
  const server = await startTestPostgres({ settings: DURABLE_SETTINGS });
  try {
    const values = await query(
      server.url,
      "SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages",
    );
    expect(values).toEqual([{ fsync: 'on', pages: 'on' }]);
  } finally {
    await server.close();
  }
});
