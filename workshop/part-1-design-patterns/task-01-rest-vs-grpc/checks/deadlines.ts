import { type CaseContext, type Check, defineCheck } from '@prodigon/lab/exercise';
import { countOf, createRequest, describeOutcome, settlesWithin, withClient } from './client-harness.ts';
import type { CallOutcome, StreamOutcome } from './driver-commands.ts';

const STAGE = 'deadline';
const WHERE = 'inference-client.ts, generate and stream: the call options';
/** A busy machine may delay a call beyond its short deadline, but hardly so often in a row. */
const ATTEMPTS = 5;

const DEADLINE_ARRIVES = defineCheck({
  id: 'deadline-arrives',
  title: 'Every call carries its deadline to the model service',
  stage: STAGE,
  where: WHERE,
  cases: 2,
  run: async (context) => {
    const { random, describeInput, fail } = context;
    const timeoutMs = random.integer(60, 120) * 1_000;
    const ownMs = random.integer(20, 40) * 1_000;
    const behaviour = { generate: async () => 'ok', stream: async () => undefined };
    await withClient(context, { behaviour, timeoutMs }, async ({ replica, ...client }) => {
      for (const call of random.shuffle(['generate', 'stream'] as const))
        for (const isOverridden of random.shuffle([true, false])) {
          const expectedMs = isOverridden ? ownMs : timeoutMs;
          const own = isOverridden ? `, and the timeoutMs of the call is ${ownMs}` : '';
          describeInput(`${call}; the timeoutMs of the client is ${timeoutMs}${own}`);
          const outcome = await client[call]({ request: createRequest(context), ...(isOverridden && { timeoutMs: ownMs }) });
          if (outcome.status === 'threw') fail({ expected: 'The call succeeds.', saw: describeOutcome(outcome) });
          const leftMs = replica.calls.at(-1)?.timeLeftMs ?? null;
          const expected = `The call arrives with ${expectedMs / 1_000} s left until its deadline.`;
          if (leftMs === null) return fail({ expected, saw: 'It arrived without a deadline.' });
          // On a busy machine, a call may take seconds to arrive.
          if (leftMs > expectedMs + 1_000 || leftMs < expectedMs - 15_000)
            fail({ expected, saw: `It arrived with ${(leftMs / 1_000).toFixed(1)} s left.` });
        }
    });
  },
});

const DEADLINE_ABORTS = defineCheck({
  id: 'deadline-aborts',
  title: 'A call that takes too long fails, and the model stops',
  stage: STAGE,
  where: WHERE,
  cases: 2,
  run: async (context) => {
    for (const call of context.random.shuffle(['generate', 'stream'] as const)) await exceedDeadline(context, call);
  },
});

async function exceedDeadline(context: CaseContext, call: 'generate' | 'stream'): Promise<void> {
  const { random, recorder, describeInput, fail } = context;
  const timeoutMs = random.integer(60, 200);
  const parts = random.integer(1, 3);
  describeInput(
    `${call} with timeoutMs ${timeoutMs}; the model ${call === 'stream' ? `sends ${countOf(parts, 'part')} and never ends` : 'never responds'}`,
  );
  const never = new Promise<never>(() => {});
  let isResponding = false;
  const behaviour = {
    generate: async () => (isResponding ? 'ok' : never),
    stream: async (_call: unknown, write: (part: string) => Promise<void>) => {
      for (let part = 0; part < parts; part += 1) await write('part ');
      return never;
    },
  };
  await withClient(context, { behaviour, timeoutMs }, async ({ replica, ...client }) => {
    const settled = await settlesWithin<CallOutcome | StreamOutcome>(client[call]({ request: createRequest(context) }));
    const expected = `The call fails with DEADLINE_EXCEEDED after ${timeoutMs} ms.`;
    if (!settled) {
      recorder.mark('still waiting');
      return fail({ expected, saw: 'The call was still waiting after 3 s.' });
    }
    const outcome = settled.value;
    if (outcome.status !== 'threw' || outcome.error.code !== 'DEADLINE_EXCEEDED')
      fail({ expected, saw: describeOutcome(outcome) });
    const arrived = replica.calls[0];
    // The deadline may pass before the call arrives.
    if (arrived && !(await settlesWithin(arrived.cancelled)))
      fail({ expected: 'The model stops when the deadline passes.', saw: 'The model was still generating 3 s later.' });

    isResponding = true;
    const errors = await client.generateMany({ request: createRequest(context), calls: ATTEMPTS, waveSize: 1 });
    if (errors.every((error) => error !== null))
      fail({
        expected: `The next call has ${timeoutMs} ms of its own.`,
        saw: `It failed with ${errors[0]?.code}, as if its time had begun with an earlier call.`,
      });
  });
}

export const DEADLINE_CHECKS: readonly Check[] = [DEADLINE_ARRIVES, DEADLINE_ABORTS];
