import { AppError, type JobResultLine } from '@prodigon/contracts';
import type { JobStore } from '@prodigon/ports';
import { expect, it, vi } from 'vitest';
import { createJobResults } from './job-results.ts';

/** Lines with multibyte characters, and gaps where items have not ended. */
const LINES = [0, 1, 4, 5].map((index) => ({ index, prompt: 'é'.repeat(index) })) as JobResultLine[];
const FILE = Buffer.from(LINES.map((line) => `${JSON.stringify(line)}\n`).join(''));

function setUp({ status = 'completed', sequence = 7 } = {}) {
  const job = { status, sequence };
  const store = {
    snapshot: vi.fn(async () => ({ job })),
    async *results(_owner: string, _job: string, _query: unknown, firstIndex = 0) {
      const lines = LINES.filter(({ index }) => index >= firstIndex);
      yield lines.slice(0, 2);
      yield lines.slice(2);
    },
    async *resultSizes() {
      yield LINES.map((line) => ({ line: { ...line, prompt: '' }, textBytes: Buffer.byteLength(line.prompt) }));
    },
  };
  const results = createJobResults(store as unknown as JobStore);
  const read = async (request: { version?: number; first?: number } = {}) => {
    const chunks: Uint8Array[] = [];
    for await (const bytes of await results.read('owner', 'job', { outcome: 'all', ...request })) chunks.push(bytes);
    return Buffer.concat(chunks);
  };
  return { store, job, results, read };
}

it('are JSON Lines of the jobs of the caller', async () => {
  const { read, store } = setUp();
  expect((await read()).equals(FILE)).toBe(true);
  expect(store.snapshot).toHaveBeenCalledWith('owner', 'job');
});

it('continue at any byte, and are empty behind the last one', async () => {
  const { read } = setUp();
  for (let first = 0; first <= FILE.length + 1; first++)
    expect((await read({ version: 7, first })).toString('latin1')).toBe(FILE.subarray(first).toString('latin1'));
});

it('have a version and a length when the job has ended', async () => {
  const infoOf = (status: string, isMeasured: boolean) =>
    setUp({ status }).results.info('owner', 'job', { outcome: 'all', isMeasured });
  expect(await infoOf('completed', true)).toEqual({ version: 7, bytes: FILE.length });
  expect(await infoOf('cancelled', false)).toEqual({ version: 7, bytes: null });
  for (const status of ['pending', 'running']) expect(await infoOf(status, true)).toEqual({ version: null, bytes: null });
});

it('of an unknown job fail before they start', async () => {
  const { results, store } = setUp();
  store.snapshot.mockRejectedValue(new AppError('JOB_NOT_FOUND'));
  const request = { outcome: 'all', isMeasured: false } as const;
  await expect(results.read('owner', 'job', request)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  await expect(results.info('owner', 'job', request)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
});

it('of another version fail before they start', async () => {
  await expect(setUp().read({ version: 6 })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(setUp({ status: 'running' }).read({ version: 7 })).rejects.toMatchObject({ code: 'CONFLICT' });
});

it.each([
  ['retried', ({ job }: ReturnType<typeof setUp>) => void Object.assign(job, { status: 'running', sequence: 8 })],
  ['deleted', ({ store }: ReturnType<typeof setUp>) => void store.snapshot.mockRejectedValue(new AppError('JOB_NOT_FOUND'))],
])('do not end when the job is %s while they are read, so that no part looks whole', async (_case, change) => {
  const harness = setUp();
  const reading = async () => {
    for await (const _ of await harness.results.read('owner', 'job', { outcome: 'all', version: 7 })) change(harness);
  };
  await expect(reading()).rejects.toBeInstanceOf(AppError);
});
