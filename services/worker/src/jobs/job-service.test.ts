import { jobOptionsSchema } from '@prodigon/contracts';
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
