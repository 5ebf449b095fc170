import { type AppStartError, createTestDatabase, startApp } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';

async function startFailing(env: Record<string, string>): Promise<Pick<AppStartError, 'exit' | 'output'>> {
  const { exit, output }: AppStartError = await startApp('worker', env).then(
    async (app) => {
      await app.close();
      return expect.unreachable('It started.');
    },
    (failure) => failure,
  );
  return { exit, output };
}

async function databaseUrl(change: (url: URL) => void): Promise<string> {
  const { url, drop } = await createTestDatabase();
  onTestFinished(drop);
  const changed = new URL(url);
  change(changed);
  return changed.href;
}

const sentence = (problem: string) => `The configuration has a problem:\n  ${problem}\n`;

it('a worker without a database says what it needs', async () => {
  expect(await startFailing({ DATABASE_URL: ' ' })).toEqual({
    exit: { code: 78, signal: null },
    output: sentence('DATABASE_URL is not set. `npm start` and `make run-worker` bring a database; a worker by itself needs one'),
  });
});

it('a worker whose database does not answer says where it asked, and may be started again', async () => {
  expect(await startFailing({ DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:9/prodigon' })).toEqual({
    exit: { code: 1, signal: null },
    output: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).\n',
  });
});

it('a worker whose password is refused says so without telling it', async () => {
  const url = await databaseUrl((each) => {
    each.password = 'hunter2';
  });
  const { host, username } = new URL(url);
  expect(await startFailing({ DATABASE_URL: url })).toEqual({
    exit: { code: 78, signal: null },
    output: sentence(`DATABASE_URL cannot be used: the server at ${host} does not accept the user "${username}" or its password`),
  });
});

it('a worker whose database does not exist says so', async () => {
  const url = await databaseUrl((each) => {
    each.pathname = '/nowhere';
  });
  expect(await startFailing({ DATABASE_URL: url })).toEqual({
    exit: { code: 78, signal: null },
    output: sentence(`DATABASE_URL cannot be used: the server at ${new URL(url).host} has no database "nowhere"`),
  });
});
