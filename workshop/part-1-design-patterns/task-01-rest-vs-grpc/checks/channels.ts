import { type Check, defineCheck } from '@prodigon/lab/exercise';
import { countOf, createRequest, settlesWithin, withClient } from './client-harness.ts';

const STAGE = 'one-channel';
const CALLS = 1_000;
const CALLS_AFTER_STREAM = 5;

const ONE_CHANNEL = defineCheck({
  id: 'one-channel',
  title: '1,000 calls use one channel and one connection',
  stage: STAGE,
  where: 'inference-client.ts, connect: the creation of the gRPC client',
  cases: 1,
  caseLimitMs: 60_000,
  run: async (context) => {
    const { describeInput, fail } = context;
    describeInput(`${CALLS} calls of generate, 20 at a time, a stream and ${CALLS_AFTER_STREAM} more calls`);
    const behaviour = { generate: async () => 'ok', stream: async () => undefined };
    await withClient(context, { behaviour }, async (client) => {
      const channelsBefore = await client.countChannels();
      const request = createRequest(context);
      const errors = await client.generateMany({ request, calls: CALLS, waveSize: 20 });
      const failed = errors.filter((error) => error !== null);
      if (failed[0])
        fail({ expected: 'Every call succeeds.', saw: `${failed.length} calls failed, the first one with ${failed[0].name}.` });
      await client.stream({ request });
      const [error] = (await client.generateMany({ request, calls: CALLS_AFTER_STREAM, waveSize: 1 })).filter(Boolean);
      if (error) fail({ expected: 'Every call succeeds.', saw: `A call failed after a stream had ended: ${error.name}.` });
      // A client may open its channel before the first call.
      const channels = Math.max(1, (await client.countChannels()) - channelsBefore);
      const connections = client.replica.connectionsOpened();
      if (channels > 1 || connections > 1)
        fail({
          expected: 'The client has one open channel with one connection.',
          saw: `After ${CALLS} calls, it had ${countOf(channels, 'open channel')} and ${countOf(connections, 'connection')}.`,
        });
    });
  },
});

const CLOSE = defineCheck({
  id: 'close',
  title: 'close() closes the connections',
  stage: STAGE,
  where: 'inference-client.ts, close',
  cases: 2,
  run: async (context) => {
    const { random, describeInput, fail } = context;
    const calls = random.integer(1, 20);
    describeInput(`${calls} calls of generate, then close()`);
    await withClient(context, { replicas: 2, behaviour: { generate: async () => 'ok' } }, async (client) => {
      await client.generateMany({ request: createRequest(context), calls, waveSize: 5 });
      await client.close();
      const closed = Promise.all(client.replicas.map((replica) => replica.connectionsClosed()));
      if (!(await settlesWithin(closed)))
        fail({ expected: 'Every connection closes after close().', saw: 'A connection was still open 3 s later.' });
    });
  },
});

export const CHANNEL_CHECKS: readonly Check[] = [ONE_CHANNEL, CLOSE];
