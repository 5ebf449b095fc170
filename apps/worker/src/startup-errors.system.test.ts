import { type AppStartError, startApp } from '@prodigon/testing';
import { expect, it } from 'vitest';

/** Returns the exit and the output of a worker that must fail to start. The tests of `openJobStorage` cover all messages. */
async function startFailing(env: Record<string, string>): Promise<Pick<AppStartError, 'exit' | 'output'>> {
  const { exit, output }: AppStartError = await startApp('worker', env).then(
    async (app) => {
      await app.close();
      return expect.unreachable('The worker started.');
    },
    (error) => error,
  );
  return { exit, output };
}

it('exits with 78 and one sentence when the configuration is unusable', async () => {
  expect(await startFailing({ DATABASE_URL: ' ' })).toEqual({
    exit: { code: 78, signal: null },
    output:
      'The configuration has a problem:\n  DATABASE_URL is not set. `npm start` and `make run-worker` start a database; a worker by itself needs one\n',
  });
});

it('exits with 1 and one sentence when the database is unreachable, so that a supervisor restarts it', async () => {
  expect(await startFailing({ DATABASE_URL: 'postgresql://ada:hunter2@127.0.0.1:9/prodigon' })).toEqual({
    exit: { code: 1, signal: null },
    output: 'DATABASE_URL cannot be used: no PostgreSQL server answers at 127.0.0.1:9 (ECONNREFUSED).\n',
  });
});
