import { type Check, defineCheck } from '@prodigon/lab/exercise';
import { createRequest, withClient } from './client-harness.ts';
import { startDeadReplica } from './model-replica.ts';

const STAGE = 'replicas';
const WHERE = 'inference-client.ts, connect: the options of the channel';
const CALLS = 300;
const [MIN, MAX] = [60, 140];

const SPREAD = defineCheck({
  id: 'spread',
  title: '300 calls spread over three replicas',
  stage: STAGE,
  where: WHERE,
  cases: 1,
  caseLimitMs: 60_000,
  run: async (context) => {
    const { random, describeInput, fail } = context;
    const waveSize = random.integer(3, 9);
    describeInput(`${CALLS} calls of generate, ${waveSize} at a time, to three replicas`);
    await withClient(context, { replicas: 3, behaviour: { generate: async () => 'ok' } }, async (client) => {
      const errors = await client.generateMany({ request: createRequest(context), calls: CALLS, waveSize });
      const failed = errors.filter((error) => error !== null);
      if (failed[0])
        fail({ expected: 'Every call succeeds.', saw: `${failed.length} calls failed, the first one with ${failed[0].name}.` });
      const counts = client.replicas.map(({ calls }) => calls.length);
      if (counts.some((count) => count < MIN || count > MAX))
        fail({
          expected: `Each replica receives ${MIN} to ${MAX} of ${CALLS} calls.`,
          saw: `The replicas received ${counts.join(', ')} calls.`,
        });
    });
  },
});

const DEAD_REPLICA = defineCheck({
  id: 'dead-replica',
  title: 'Calls succeed while one of three replicas is down',
  stage: STAGE,
  where: WHERE,
  cases: 1,
  caseLimitMs: 60_000,
  run: async (context) => {
    const { describeInput, fail } = context;
    const calls = 60;
    describeInput(`${calls} calls of generate, 3 at a time, to two replicas and an address that closes every connection`);
    const dead = await startDeadReplica();
    try {
      const options = { replicas: 2, otherAddresses: [dead.address], behaviour: { generate: async () => 'ok' } };
      await withClient(context, options, async (client) => {
        const errors = await client.generateMany({ request: createRequest(context), calls, waveSize: 3 });
        const failed = errors.filter((error) => error !== null);
        if (failed[0])
          fail({
            expected: 'Every call succeeds on a replica that is up.',
            saw: `${failed.length} of ${calls} calls failed, the first one with ${failed[0].name}.`,
          });
      });
    } finally {
      dead.stop();
    }
  },
});

export const REPLICA_CHECKS: readonly Check[] = [SPREAD, DEAD_REPLICA];
