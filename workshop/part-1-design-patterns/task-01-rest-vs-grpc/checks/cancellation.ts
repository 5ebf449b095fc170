import { type CaseContext, type Check, defineCheck } from '@prodigon/lab/exercise';
import { countOf, createRequest, describeOutcome, settlesWithin, waitForEvent, withClient } from './client-harness.ts';
import type { CallOutcome, StreamOutcome } from './driver-commands.ts';
import type { ArrivedCall } from './model-replica.ts';

const STAGE = 'cancellation';
const never = new Promise<never>(() => {});

/** Writes a part each millisecond until the client cancels. */
async function writeUntilCancelled(call: ArrivedCall, write: (part: string) => Promise<void>): Promise<undefined> {
  let isCancelled = false;
  void call.cancelled.then(() => {
    isCancelled = true;
  });
  while (!isCancelled) {
    await write('token ');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const ABORT = defineCheck({
  id: 'abort',
  title: 'Aborting the signal cancels the call in the model service',
  stage: STAGE,
  where: 'inference-client.ts, generate and stream: the signal of the call options',
  cases: 2,
  caseLimitMs: 20_000,
  run: async (context) => {
    const { random } = context;
    const kinds = [false, true].flatMap((isAborted) =>
      (['generate', 'stream'] as const).map((method) => ({ method, isAborted })),
    );
    for (const { method, isAborted } of random.shuffle(kinds))
      await (isAborted ? callWithAbortedSignal(context, method) : abortCall(context, method));
  },
});

async function callWithAbortedSignal(context: CaseContext, method: 'generate' | 'stream'): Promise<void> {
  const { describeInput, fail } = context;
  describeInput(`${method}, with a signal that is already aborted`);
  const behaviour = {
    generate: async () => 'ok',
    stream: async (_call: ArrivedCall, write: (part: string) => Promise<void>) => {
      await write('token ');
      return undefined;
    },
  };
  await withClient(context, { behaviour }, async (client) => {
    await client.abort();
    const settled = await settlesWithin<CallOutcome | StreamOutcome>(
      client[method]({ request: createRequest(context), isAbortable: true }),
    );
    const outcome = settled?.value;
    if (outcome?.status !== 'threw' || outcome.error.code !== 'CANCELLED')
      fail({
        expected: 'A call with an already aborted signal fails with CANCELLED.',
        saw: outcome ? describeOutcome(outcome) : 'The call was still running after 3 s.',
      });
  });
}

async function abortCall(context: CaseContext, method: 'generate' | 'stream'): Promise<void> {
  const { describeInput, fail } = context;
  const arrived = Promise.withResolvers<ArrivedCall>();
  const behaviour = {
    generate: (received: ArrivedCall) => {
      arrived.resolve(received);
      return never;
    },
    stream: (received: ArrivedCall, write: (part: string) => Promise<void>) => {
      arrived.resolve(received);
      return writeUntilCancelled(received, write);
    },
  };
  describeInput(`${method}, with a signal that aborts during the call`);
  await withClient(context, { behaviour }, async (client) => {
    const running = client[method]({ request: createRequest(context), isAbortable: true });
    if (!(await settlesWithin(arrived.promise)))
      fail({ expected: 'The call arrives at the model service.', saw: 'No call had arrived after 3 s.' });
    await client.abort();
    const settled = await settlesWithin<CallOutcome | StreamOutcome>(running);
    const expected = 'The call fails with CANCELLED when its signal aborts.';
    if (!settled) return fail({ expected, saw: 'The call was still running after 3 s.' });
    const outcome = settled.value;
    if (outcome.status !== 'threw' || outcome.error.code !== 'CANCELLED') fail({ expected, saw: describeOutcome(outcome) });
    const received = client.replica.calls[0];
    if (received && !(await settlesWithin(received.cancelled)))
      fail({ expected: 'The model stops when the signal aborts.', saw: 'The model was still generating 3 s later.' });
  });
}

const LEAVING = defineCheck({
  id: 'leaving-the-loop',
  title: 'Leaving the loop of a stream cancels the call',
  stage: STAGE,
  where: 'inference-client.ts, stream: the cleanup after the caller leaves the loop',
  cases: 3,
  run: async (context) => {
    const { random, describeInput, fail } = context;
    const leaveAfter = random.integer(1, 8);
    describeInput(`for await (… of stream(…)) with a break after part ${leaveAfter}`);
    await withClient(context, { behaviour: { stream: writeUntilCancelled } }, async ({ replica, stream }) => {
      const settled = await settlesWithin(stream({ request: createRequest(context), leaveAfter }));
      if (settled?.value.status !== 'left')
        return fail({
          expected: `The loop ends after part ${leaveAfter}.`,
          saw: settled ? describeOutcome(settled.value) : 'The loop had not ended after 3 s.',
        });
      const received = replica.calls[0];
      if (received && !(await settlesWithin(received.cancelled)))
        fail({ expected: 'The model stops when the caller leaves the loop.', saw: 'The model was still generating 3 s later.' });
    });
  },
});

const PARTS = 800;
const PART = 'x'.repeat(8_192);
/** Round trips to the client's process without a written part, after which the model counts as waiting. */
const QUIET_PINGS = 40;

const SLOW_READER = defineCheck({
  id: 'slow-reader',
  title: 'A slow reader makes the model service wait',
  stage: STAGE,
  where: 'inference-client.ts, stream: the parts that the caller has not read',
  cases: 1,
  caseLimitMs: 60_000,
  run: async (context) => {
    const { random, learner, describeInput, fail } = context;
    const pauseAfter = random.integer(1, 5);
    describeInput(`stream of ${PARTS} parts of 8 kB; the caller pauses after part ${pauseAfter}`);
    let written = 0;
    const behaviour = {
      stream: async (_call: ArrivedCall, write: (part: string) => Promise<void>) => {
        for (; written < PARTS; written += 1) await write(PART);
        return undefined;
      },
    };
    await withClient(context, { behaviour }, async ({ stream, resume }) => {
      const paused = waitForEvent(context, 'paused');
      const running = stream({ request: createRequest(context), pauseAfter });
      await paused;
      for (let quiet = 0, last = -1; quiet < QUIET_PINGS && written < PARTS; ) {
        await learner.ping();
        quiet = written === last ? quiet + 1 : 0;
        last = written;
      }
      if (written >= PARTS)
        fail({
          expected: 'The model service waits while the caller pauses.',
          saw: `The model service sent all ${PARTS} parts (${((PARTS * PART.length) / 1_000_000).toFixed(1)} MB), and your client keeps them in memory.`,
        });
      await resume();
      const outcome = await running;
      if (outcome.status !== 'returned' || outcome.parts.length !== PARTS)
        fail({
          expected: `All ${PARTS} parts arrive after the caller continues.`,
          saw: `${countOf(outcome.parts.length, 'part')} arrived. ${describeOutcome(outcome)}`,
        });
    });
  },
});

export const CANCELLATION_CHECKS: readonly Check[] = [ABORT, LEAVING, SLOW_READER];
