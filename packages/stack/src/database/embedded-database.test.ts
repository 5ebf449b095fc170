import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { StackError } from '../stack-error.ts';
import { readRecord } from './connection-record.ts';
import { claimOwnership, findOwner } from './database-owner.ts';
import { createFakePostmaster, FAKE_URL, flush, useFakeDatabase } from './embedded-database.test-support.ts';
import { logPath } from './start-postmaster.ts';

const PUBLIC_URL = 'postgresql://127.0.0.1:5001/prodigon';
const CRASHED = 'database stopped (exit code 1). Restarting in 0.3 s.';

const fake = useFakeDatabase();

/** Ends the server and fires the restart after its delay. */
async function restart(delayMs = 250): Promise<void> {
  await fake.server().end('exit code 1');
  await flush();
  fake.timers.fire(delayMs);
  await flush();
}

describe('start', () => {
  it('starts a server, creates the database and records the address', async () => {
    const { database, postgres, dataDirectory, folder, record, cluster, events, onChange } = fake;
    expect([database.publicUrl, database.identity, database.folder]).toEqual([null, null, '']);
    expect(() => database.url).toThrow('The database has not been started');
    expect(await database.start()).toBe(FAKE_URL);
    expect([database.url, database.publicUrl, database.folder, database.restarts]).toEqual([FAKE_URL, PUBLIC_URL, folder, 0]);
    expect(database.identity).toEqual(fake.server().identity);
    expect(postgres.startPostmaster.mock.calls).toEqual([[cluster, { port: 5_001 }]]);
    expect(postgres.createDatabase.mock.calls).toEqual([[FAKE_URL]]);
    expect(readRecord(dataDirectory)).toEqual({ ...record, port: 5_001 });
    expect(findOwner(dataDirectory)?.pid).toBe(process.pid);
    expect([events, onChange.mock.calls.length]).toEqual([[], 1]);
  });

  it('adopts the server of an earlier start and reports it', async () => {
    fake.postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_002));
    expect(await fake.database.start()).toContain(':5002/');
    expect(fake.postgres.startPostmaster).not.toHaveBeenCalled();
    expect(fake.events).toEqual([
      {
        type: 'notice',
        service: 'database',
        message: `The database of an earlier start still runs (pid ${process.pid}). Using it.`,
      },
    ]);
  });

  it('reports the notices of the cluster', async () => {
    fake.cluster.notices.push('The database is in another folder.');
    await fake.database.start();
    expect(fake.events).toEqual([{ type: 'notice', service: 'database', message: 'The database is in another folder.' }]);
  });

  it('retries four times with a growing delay when the server does not start', async () => {
    const { database, postgres } = fake;
    for (let attempt = 0; attempt < 4; attempt += 1) postgres.startPostmaster.mockRejectedValueOnce(new StackError('no port'));
    const started = database.start();
    for (const [attempt, delayMs] of [200, 400, 800, 1_600].entries()) {
      await vi.advanceTimersByTimeAsync(delayMs - 1);
      expect(postgres.startPostmaster).toHaveBeenCalledTimes(attempt + 1);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(await started).toBe(FAKE_URL);
  });

  it('rejects after five failed attempts and releases the database', async () => {
    const { database, postgres, dataDirectory } = fake;
    postgres.startPostmaster.mockRejectedValue(new StackError('no port'));
    const rejected = expect(database.start()).rejects.toThrow('no port');
    await vi.advanceTimersByTimeAsync(3_000);
    await rejected;
    expect(postgres.startPostmaster).toHaveBeenCalledTimes(5);
    expect(postgres.stopPostmaster).not.toHaveBeenCalled();
    expect(findOwner(dataDirectory)).toBeNull();
  });

  it('stops the server when the database cannot be created', async () => {
    fake.postgres.createDatabase.mockRejectedValue(new Error('no permission'));
    await expect(fake.database.start()).rejects.toThrow('no permission');
    expect(fake.postgres.stopPostmaster).toHaveBeenCalledOnce();
    expect(findOwner(fake.dataDirectory)).toBeNull();
  });

  it('leaves a server running that it cannot adopt', async () => {
    const { database, postgres, dataDirectory } = fake;
    postgres.adoptPostmaster.mockRejectedValue(new StackError('It rejects the recorded password.'));
    await expect(database.start()).rejects.toThrow('It rejects the recorded password.');
    for (const operation of [postgres.startPostmaster, postgres.stopPostmaster, postgres.signalPostmaster])
      expect(operation).not.toHaveBeenCalled();
    expect(findOwner(dataDirectory)).toBeNull();
  });

  it('rejects a start that a stop interrupts', async () => {
    claimOwnership(fake.dataDirectory);
    const rejected = expect(fake.database.start()).rejects.toThrow('The start was interrupted.');
    const stopped = fake.database.stop();
    await vi.advanceTimersByTimeAsync(50);
    await Promise.all([rejected, stopped]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a crash of the server', () => {
  it('restarts the server on its port after the announced delay', async () => {
    const { database, postgres, cluster, events, timers, onChange } = fake;
    await database.start();
    await fake.server().end('exit code 1');
    await flush();
    expect(events).toEqual([{ type: 'crashed', service: 'database', message: CRASHED }]);
    expect([database.identity, timers.waiting(), onChange.mock.calls.length]).toEqual([null, [250], 2]);
    timers.fire(250);
    await flush();
    expect(postgres.startPostmaster.mock.calls.at(-1)).toEqual([cluster, { port: 5_001 }]);
    expect(events.at(-1)).toEqual({ type: 'recovered', service: 'database', message: 'database is ready again.' });
    expect([database.restarts, database.identity?.pid, onChange.mock.calls.length]).toEqual([1, process.pid, 3]);
    expect(postgres.prepareCluster).toHaveBeenCalledOnce();
  });

  it('doubles the delay until the server has run for 30 seconds', async () => {
    await fake.database.start();
    await restart(250);
    fake.timers.pass(29_999);
    await restart(500);
    fake.timers.pass(30_000);
    await restart(250);
    expect(fake.database.restarts).toBe(3);
  });

  it('uses a server that runs again on the same port', async () => {
    await fake.database.start();
    fake.postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_001));
    await restart();
    expect(fake.messages()).toEqual([CRASHED, 'database is ready again.']);
    expect(fake.postgres.startPostmaster).toHaveBeenCalledOnce();
  });

  it('rejects a server that runs again on another port', async () => {
    await fake.database.start();
    fake.postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_002));
    await restart();
    expect(fake.messages().at(-1)).toBe('The database has moved to port 5002. Restarting in 0.5 s.');
  });

  it('never replaces a missing folder with an empty database', async () => {
    await fake.database.start();
    rmSync(fake.folder, { recursive: true });
    await restart();
    expect(fake.messages().at(-1)).toBe(`The database folder is missing: ${fake.folder}. Restarting in 0.5 s.`);
    expect(fake.postgres.startPostmaster).toHaveBeenCalledOnce();
  });

  it('retries a failed restart without the details of an unexpected error', async () => {
    await fake.database.start();
    fake.postgres.startPostmaster.mockRejectedValueOnce(new StackError('No memory.'));
    fake.postgres.startPostmaster.mockRejectedValueOnce(new TypeError('secret'));
    await restart();
    fake.timers.fire(500);
    await flush();
    fake.timers.fire(1_000);
    await flush();
    expect(fake.messages()).toEqual([
      ...[CRASHED, 'No memory. Restarting in 0.5 s.', 'The database has not restarted. Restarting in 1 s.'],
      'database is ready again.',
    ]);
    expect(fake.database.restarts).toBe(3);
  });
});

describe('stop', () => {
  it('stops the server and releases the database, without a restart', async () => {
    const { database, postgres, dataDirectory, events, timers } = fake;
    await database.start();
    const { identity } = fake.server();
    await database.stop();
    await database.stop();
    expect(postgres.stopPostmaster.mock.calls).toEqual([[identity]]);
    expect([database.identity, findOwner(dataDirectory), events, timers.waiting()]).toEqual([null, null, [], []]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancels a pending restart and releases the database', async () => {
    await fake.database.start();
    await fake.server().end('exit code 1');
    await flush();
    await fake.database.stop();
    expect([fake.timers.waiting(), findOwner(fake.dataDirectory)]).toEqual([[], null]);
    expect(fake.postgres.stopPostmaster).not.toHaveBeenCalled();
  });

  it('waits for a start in progress and stops its server', async () => {
    const server = createFakePostmaster(5_001);
    const starting = Promise.withResolvers<typeof server>();
    fake.postgres.startPostmaster.mockReturnValueOnce(starting.promise);
    const started = fake.database.start();
    await flush();
    const stopped = fake.database.stop();
    starting.resolve(server);
    await Promise.all([started, stopped]);
    expect(fake.postgres.stopPostmaster.mock.calls).toEqual([[server.identity]]);
  });

  it('stops a server that a restart is just starting', async () => {
    await fake.database.start();
    const server = createFakePostmaster(5_001);
    const starting = Promise.withResolvers<typeof server>();
    fake.postgres.startPostmaster.mockReturnValueOnce(starting.promise);
    await restart();
    const stopped = fake.database.stop();
    starting.resolve(server);
    await stopped;
    expect(fake.postgres.stopPostmaster).toHaveBeenCalledOnce();
    expect(fake.messages()).toEqual([CRASHED]);
  });

  it('reports no error of a restart that it interrupts', async () => {
    await fake.database.start();
    const starting = Promise.withResolvers<never>();
    fake.postgres.startPostmaster.mockReturnValueOnce(starting.promise);
    await restart();
    const stopped = fake.database.stop();
    starting.reject(new StackError('No memory.'));
    await stopped;
    expect([fake.messages(), fake.timers.waiting()]).toEqual([[CRASHED], []]);
  });
});

describe('kill', () => {
  it('ends the server immediately and releases the database', async () => {
    const { database, postgres, dataDirectory } = fake;
    await database.start();
    const { identity } = fake.server();
    database.kill();
    expect(postgres.signalPostmaster.mock.calls).toEqual([[identity, 'immediate']]);
    expect(findOwner(dataDirectory)).toBeNull();
    await fake.server().end('killed by SIGQUIT');
    await flush();
    expect([fake.events, fake.timers.waiting(), vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  it('signals no server after a crash', async () => {
    await fake.database.start();
    await fake.server().end('exit code 1');
    await flush();
    fake.database.kill();
    expect([fake.postgres.signalPostmaster.mock.calls, fake.timers.waiting()]).toEqual([[], []]);
  });
});

it('rotates the log every minute', async () => {
  await fake.database.start();
  const log = logPath(fake.dataDirectory);
  writeFileSync(log, Buffer.alloc(4 * 1024 * 1024 + 1));
  await vi.advanceTimersByTimeAsync(59_999);
  expect(statSync(log).size).toBeGreaterThan(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(statSync(log).size).toBe(0);
  expect(statSync(join(fake.dataDirectory, 'database.log.1')).size).toBeGreaterThan(0);
});
