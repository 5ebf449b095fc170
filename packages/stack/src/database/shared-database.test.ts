import { beforeEach, describe, expect, it, vi } from 'vitest';
import { writeRecord } from './connection-record.ts';
import { claimOwnership, findOwner, releaseOwnership } from './database-owner.ts';
import { createFakePostmaster, FAKE_URL, flush, useFakeDatabase } from './embedded-database.test-support.ts';

const fake = useFakeDatabase();

describe('the database of another process', () => {
  beforeEach(() => void claimOwnership(fake.dataDirectory));

  it('is used as soon as its server runs, and not stopped', async () => {
    const { database, postgres, dataDirectory, record } = fake;
    const started = database.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(postgres.adoptPostmaster).not.toHaveBeenCalled();
    writeRecord(dataDirectory, record);
    await vi.advanceTimersByTimeAsync(50);
    expect(postgres.adoptPostmaster).toHaveBeenCalledTimes(1);
    postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_001));
    await vi.advanceTimersByTimeAsync(50);
    expect(await started).toBe(FAKE_URL);
    await database.stop();
    database.kill();
    for (const operation of [postgres.startPostmaster, postgres.stopPostmaster, postgres.signalPostmaster])
      expect(operation).not.toHaveBeenCalled();
    expect(findOwner(dataDirectory)).not.toBeNull();
  });

  it('is left to its owner when the start fails', async () => {
    writeRecord(fake.dataDirectory, fake.record);
    fake.postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_001));
    fake.postgres.createDatabase.mockRejectedValue(new Error('no permission'));
    await expect(fake.database.start()).rejects.toThrow('no permission');
    expect(fake.postgres.stopPostmaster).not.toHaveBeenCalled();
    expect(findOwner(fake.dataDirectory)).not.toBeNull();
  });

  it('is started by this process when the owner ends before its server runs', async () => {
    const started = fake.database.start();
    await flush();
    releaseOwnership(fake.dataDirectory);
    await vi.advanceTimersByTimeAsync(50);
    expect(await started).toBe(FAKE_URL);
    expect(fake.postgres.startPostmaster).toHaveBeenCalledOnce();
  });

  it('is stopped by this process when the owner has ended', async () => {
    writeRecord(fake.dataDirectory, fake.record);
    fake.postgres.adoptPostmaster.mockResolvedValue(createFakePostmaster(5_001));
    await fake.database.start();
    releaseOwnership(fake.dataDirectory);
    await fake.database.stop();
    expect(fake.postgres.stopPostmaster).toHaveBeenCalledOnce();
    expect(findOwner(fake.dataDirectory)).toBeNull();
  });

  it('is not restarted while its owner runs', async () => {
    writeRecord(fake.dataDirectory, fake.record);
    const shared = createFakePostmaster(5_001);
    fake.postgres.adoptPostmaster.mockResolvedValueOnce(shared);
    await fake.database.start();
    await shared.end('process exited');
    await flush();
    fake.timers.fire(250);
    await flush();
    expect(fake.messages().at(-1)).toBe('The owner of the database has not restarted it. Restarting in 0.5 s.');
    expect(fake.postgres.startPostmaster).not.toHaveBeenCalled();
  });
});
