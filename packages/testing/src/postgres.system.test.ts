import { withConnection } from '@prodigon/stack';
import { expect, it } from 'vitest';
import { createTestDatabase, startTestPostgres } from './postgres.ts';

const query = (url: string, sql: string) => withConnection(url, async (client) => (await client.query(sql)).rows);

it('gives each test an empty PostgreSQL 18 database of its own', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await query(one.url, 'CREATE TABLE mine (x int)');
  expect(
    await query(other.url, "SELECT to_regclass('mine') AS found, current_setting('server_version_num')::int / 10000 AS major"),
  ).toEqual([{ found: null, major: 18 }]);
  await Promise.all([one.drop(), other.drop()]);
  await expect(query(one.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
});

it.each(['fast', 'immediate'] as const)('keeps what was committed over a restart (%s) at the same URL', async (mode) => {
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

it('comes back after kill -9', async () => {
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
