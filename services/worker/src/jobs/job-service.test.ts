import { AppError, jobOptionsSchema } from '@prodigon/contracts';
import type { CallContext, JobSource, JobStore, SubmittedJob } from '@prodigon/ports';
import { describe, expect, it, vi } from 'vitest';
import { createJobService } from './job-service.ts';

const CONCURRENT = 17;
const options = jobOptionsSchema.parse({});
const context = { principal: { id: 'owner' } } as CallContext;

/** Starts concurrent submissions to a store that responds when the gate opens. */
async function submitConcurrently(createSource: () => JobSource) {
  const gate = Promise.withResolvers<SubmittedJob>();
  const create = vi.fn(() => gate.promise);
  const service = createJobService({
    jobStore: { create } as unknown as JobStore,
    wake: () => {},
    activity: () => Promise.reject(new Error('unused')),
  });
  const submissions = Array.from({ length: CONCURRENT }, () => service.create({ options, source: createSource() }, context));
  const settled = Promise.allSettled(submissions);
  return { create, gate, settled };
}

describe('concurrent submissions', () => {
  it('accepts any number of prompt lists', async () => {
    const { create, gate, settled } = await submitConcurrently(() => ({ type: 'prompts', prompts: ['Hi'] }));
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(CONCURRENT));
    gate.resolve({ isReplay: false } as SubmittedJob);
    expect((await settled).map(({ status }) => status)).toEqual(Array(CONCURRENT).fill('fulfilled'));
  });

  it('returns SERVICE_UNAVAILABLE for more uploads than the limit', async () => {
    const bytes = async function* () {
      yield Buffer.from('Hi\n');
    };
    const { create, gate, settled } = await submitConcurrently(() => ({ type: 'file', format: 'txt', bytes: bytes() }));
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(CONCURRENT - 1));
    gate.resolve({ isReplay: false } as SubmittedJob);
    const rejected = (await settled).flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(rejected).toMatchObject([{ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 }]);
  });
});

/** Creates a service over a store with these methods. */
function setUp(store: Partial<Record<keyof JobStore, unknown>>, options: { uploadBytesMax?: number } = {}) {
  const wake = vi.fn();
  const activity = vi.fn();
  const service = createJobService({ jobStore: store as JobStore, wake, activity, pollEveryMs: 1, ...options });
  return { service, wake, activity };
}

describe('a submission', () => {
  const submit = async (
    prompts: string[],
    overrides = {},
    { isReplay = false, idempotencyKey = undefined as string | undefined } = {},
  ) => {
    const create = vi.fn(async (..._created: Parameters<JobStore['create']>) => ({ isReplay }));
    const { service, wake } = setUp({ create });
    const source: JobSource = { type: 'prompts', prompts };
    await service.create({ options: { ...options, ...overrides }, source, idempotencyKey }, context);
    const [job, inputs] = create.mock.calls[0] ?? expect.unreachable('No job was created.');
    return { job, inputs, wake };
  };

  it('becomes a job of the caller and wakes the engine', async () => {
    const { job, inputs, wake } = await submit(['one', 'two'], { max_tokens: 5 });
    expect(job).toEqual({
      jobId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      ownerId: 'owner',
      options: { ...options, max_tokens: 5, name: 'one' },
      total: 2,
      idempotency: undefined,
    });
    expect(inputs).toEqual([[{ prompt: 'one' }, { prompt: 'two' }]]);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('with a known idempotency key does not wake the engine', async () => {
    const { job, wake } = await submit(['one'], {}, { isReplay: true, idempotencyKey: 'key-1' });
    expect(job.idempotency).toEqual({ key: 'key-1', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(wake).not.toHaveBeenCalled();
  });

  it.each([
    [' Two \n\t lines ', 'Two lines'],
    ['x'.repeat(80), 'x'.repeat(80)],
    ['x'.repeat(81), `${'x'.repeat(79)}…`],
    [`${'x'.repeat(78)} and more`, `${'x'.repeat(78)}…`],
    [`${'x'.repeat(78)}😀 and more`, `${'x'.repeat(78)}…`],
    [`${'x'.repeat(70)}👩‍👩‍👧‍👦 and more`, `${'x'.repeat(70)}…`],
  ])('without a name is named after its first prompt: %j', async (prompt, name) => {
    expect((await submit([prompt, 'two'])).job.options.name).toBe(name);
    expect((await submit([prompt], { name: 'My job' })).job.options.name).toBe('My job');
  });

  it('does not count as an upload in progress after it is rejected', async () => {
    const { service } = setUp({});
    const bytes = async function* () {};
    for (let count = 0; count < CONCURRENT; count += 1)
      await expect(
        service.create({ options, source: { type: 'file', format: 'txt', bytes: bytes() } }, context),
      ).rejects.toMatchObject({
        code: 'VALIDATION_ERROR',
      });
  });
});

describe('the bytes of uploads in progress', () => {
  const file = (...chunks: string[]): JobSource => ({
    type: 'file',
    format: 'txt',
    bytes: (async function* () {
      for (const chunk of chunks) yield Buffer.from(chunk);
    })(),
  });

  it('are limited over all uploads, and given back when one ends, whether it succeeds or fails', async () => {
    const gate = Promise.withResolvers<SubmittedJob>();
    const create = vi.fn(() => gate.promise);
    const { service } = setUp({ create }, { uploadBytesMax: 10 });
    const upload = (...chunks: string[]) => service.create({ options, source: file(...chunks) }, context);
    const rejected = { code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 };
    const first = upload('one\n', 'tw');
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(1));
    await expect(upload('four\n')).rejects.toMatchObject(rejected);
    await expect(upload('a\n', 'b\n', 'c\n')).rejects.toMatchObject(rejected);
    const second = upload('x\n', 'y\n');
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(2));
    gate.resolve({ isReplay: false } as SubmittedJob);
    await Promise.all([first, second]);
    await upload('12345678\n');
    await expect(upload('12345678901\n')).rejects.toMatchObject(rejected);
  });
});

describe('event streams', () => {
  const snapshot = async () => ({ job: { status: 'completed', sequence: 1 }, running: [] });
  const changes = async () => ({ changes: [], hasMore: false });

  it('are limited to 200, until one of them ends', async () => {
    const { service } = setUp({ snapshot, changes });
    const open = () => service.events('job', undefined, { ...context, signal: new AbortController().signal });
    const streams = await Promise.all(Array.from({ length: 200 }, open));
    await expect(open()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
    for await (const _bytes of streams[0] ?? []);
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('of an unknown job fail before they start', async () => {
    const { service } = setUp({ snapshot: () => Promise.reject(new AppError('JOB_NOT_FOUND')) });
    await expect(service.events('job', undefined, context)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

it.each(['cancel', 'retry'] as const)('wakes the engine after a job is changed: %s', async (action) => {
  const change = vi.fn(async (..._call: string[]) => ({ job_id: 'job' }));
  const { service, wake } = setUp({ [action]: change });
  expect(await service[action]('job', context)).toEqual({ job_id: 'job' });
  expect(change.mock.calls.map(([owner, job]) => [owner, job])).toEqual([['owner', 'job']]);
  expect(wake).toHaveBeenCalledTimes(1);
});
