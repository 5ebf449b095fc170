import { createTestDatabase } from '@prodigon/testing';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { withConnection } from './connect-database.ts';
import { assertNobodyElse } from './exclusive-access.ts';

it('a service that hangs up while somebody looks for it is not in the way, inside a transaction too', async () => {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const guest = new pg.Client({ connectionString: url, application_name: 'prodigon' });
  await guest.connect();
  await withConnection(url, async (client) => {
    await client.query('BEGIN');
    const looks = client.query.bind(client);
    let isGone: Promise<void> | undefined;
    // It leaves when it has been seen for the first time.
    const looking = new Proxy(client, {
      get: (target, name) =>
        name === 'query'
          ? async (sql: string) => {
              const result = await looks(sql);
              if (sql.includes('pg_stat_activity')) {
                isGone ??= guest.end();
                await isGone;
              }
              return result;
            }
          : Reflect.get(target, name),
    });
    await expect(assertNobodyElse(looking)).resolves.toBeUndefined();
    expect(isGone).toBeDefined();
  });
});
