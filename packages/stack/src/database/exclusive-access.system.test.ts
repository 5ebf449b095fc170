import { createTestDatabase } from '@prodigon/testing';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { withConnection } from './connect-database.ts';
import { assertExclusiveAccess } from './exclusive-access.ts';

it('grants exclusive access when a service disconnects during the check, even inside a transaction', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const service = new pg.Client({ connectionString: url, application_name: 'prodigon' });
  await service.connect();
  await withConnection(url, async (client) => {
    await client.query('BEGIN');
    const query = client.query.bind(client);
    let disconnected: Promise<void> | undefined;
    // The service disconnects after the first check has found it.
    const observed = new Proxy(client, {
      get: (target, name) =>
        name === 'query'
          ? async (sql: string) => {
              const result = await query(sql);
              if (sql.includes('pg_stat_activity')) {
                disconnected ??= service.end();
                await disconnected;
              }
              return result;
            }
          : Reflect.get(target, name),
    });
    await expect(assertExclusiveAccess(observed)).resolves.toBeUndefined();
    expect(disconnected).toBeDefined();
  });
});
