import { jobOptionsSchema } from '@prodigon/contracts';
import type { CallContext, JobSource, JobStore, SubmittedJob } from '@prodigon/ports';
import { describe, expect, it, vi } from 'vitest';
import { createJobService } from './job-service.ts';

const AT_ONCE = 17;
const options = jobOptionsSchema.parse({});
const context = { principal: { id: 'owner' } } as CallContext;

/** So many submissions at once, to a database that does not answer before all of them have got as far as they get. */
async function submitAtOnce(createSource: () => JobSource) {
  const gate = Promise.withResolvers<SubmittedJob>();
  const create = vi.fn(() => gate.promise);
  const service = createJobService({
    store: { create } as unknown as JobStore,
    wake: () => {},
    activity: () => Promise.reject(new Error('not asked')),
  });
  const submissions = Array.from({ length: AT_ONCE }, () => service.create({ options, source: createSource() }, context));
  const settled = Promise.allSettled(submissions);
  return { create, gate, settled };
}

describe('submissions at once', () => {
  it('are all taken while they are lists of prompts', async () => {
    const { create, gate, settled } = await submitAtOnce(() => ({ type: 'prompts', prompts: ['Hi'] }));
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(AT_ONCE));
    gate.resolve({ isReplay: false } as SubmittedJob);
    expect((await settled).map(({ status }) => status)).toEqual(Array(AT_ONCE).fill('fulfilled'));
  });

  it('are refused for a moment when they are more files than are read at once', async () => {
    const bytes = async function* () {
      yield Buffer.from('Hi\n');
    };
    const { create, gate, settled } = await submitAtOnce(() => ({ type: 'file', format: 'txt', bytes: bytes() }));
    await vi.waitFor(() => expect(create).toHaveBeenCalledTimes(AT_ONCE - 1));
    gate.resolve({ isReplay: false } as SubmittedJob);
    const refused = (await settled).flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toMatchObject([{ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 }]);
  });
});
