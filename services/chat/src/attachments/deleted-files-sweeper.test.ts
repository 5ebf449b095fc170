import { createLogger } from '@prodigon/platform';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMemoryAttachments, createMemoryFiles } from './attachments.test-support.ts';
import { startDeletedFilesSweeper } from './deleted-files-sweeper.ts';

function setUp(takeDeletedFiles = createMemoryAttachments().takeDeletedFiles) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const files = createMemoryFiles();
  const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
  const sweeper = startDeletedFilesSweeper({ attachments: { takeDeletedFiles }, files, logger, intervalMs: 1_000 });
  onTestFinished(() => sweeper.close());
  return { files, sweeper };
}

describe('sweeper of deleted files', () => {
  it('deletes files at its start and at each interval, until it is closed', async () => {
    const take = vi.fn(async () => {});
    const { sweeper } = setUp(take);
    expect(take).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(take).toHaveBeenCalledTimes(3);
    await sweeper.close();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(take).toHaveBeenCalledTimes(3);
  });

  it('removes the file of a deleted attachment', async () => {
    const attachments = createMemoryAttachments();
    const { files, sweeper } = setUp(attachments.takeDeletedFiles);
    await sweeper.sweep();
    await files.write('ada', 'abc', new Uint8Array());
    attachments.deleted.push({ ownerId: 'ada', sha256: 'abc' });
    await sweeper.sweep();
    expect(files.stored.size).toBe(0);
  });

  it('tries again after an outage of the database, and never concurrently', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const take = vi.fn(async () => promise).mockRejectedValueOnce(new Error('unreachable'));
    const { sweeper } = setUp(take);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(take).toHaveBeenCalledTimes(2);
    resolve();
    await sweeper.sweep();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(take).toHaveBeenCalledTimes(3);
  });
});
