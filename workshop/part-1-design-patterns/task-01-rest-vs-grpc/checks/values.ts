import { type CaseContext, type Check, defineCheck } from '@prodigon/lab/exercise';
import type { InferenceRequest } from '../starter/inference-port.ts';
import { createRequest, describeOutcome, withClient } from './client-harness.ts';
import type { ModelBehaviour } from './model-replica.ts';

const STAGE = 'absent-and-zero';
const WHERE = 'inference-client.ts, toPrompt';
const FIELDS = ['temperature', 'topP', 'maxTokens', 'seed'] as const;

const RESPONDS: ModelBehaviour = { generate: async () => 'a response', stream: async () => undefined };

/** Sends a request with generate or stream, and compares these fields with those that arrive. */
async function compareFields(
  context: CaseContext,
  request: InferenceRequest,
  fields: readonly (typeof FIELDS)[number][],
  expectation: string,
): Promise<void> {
  const { random, describeInput, fail } = context;
  const call = random.pick(['generate', 'stream'] as const);
  describeInput(`${call}(${JSON.stringify(request)})`);
  await withClient(context, { behaviour: RESPONDS }, async ({ replica, ...client }) => {
    const outcome = await client[call]({ request });
    if (outcome.status === 'threw') fail({ expected: 'The call succeeds.', saw: describeOutcome(outcome) });
    const prompt = replica.calls[0]?.prompt;
    for (const field of fields) {
      const [sent, arrived] = [request[field], prompt?.[field]];
      if (sent === arrived) continue;
      const saw = `The model service received ${arrived === undefined ? `no ${field}` : `${field} ${arrived}`}.`;
      fail({ expected: `${expectation} The request has ${sent === undefined ? `no ${field}` : `${field} ${sent}`}.`, saw });
    }
  });
}

const ROUND_TRIP = defineCheck({
  id: 'round-trip',
  title: 'The messages arrive and the response comes back',
  stage: STAGE,
  where: 'inference-client.ts, generate and stream',
  cases: 5,
  run: async (context) => {
    const { random, describeInput, fail } = context;
    const request = { ...createRequest(context), model: random.words(1) };
    const words = random.words(random.integer(2, 20));
    describeInput(`generate and stream(${JSON.stringify(request)})`);
    const behaviour: ModelBehaviour = {
      generate: async () => words,
      stream: async (_call, write) => {
        for (const word of words.split(/(?<= )/)) await write(word);
        return undefined;
      },
    };
    await withClient(context, { behaviour }, async ({ replica, token, generate, stream }) => {
      const whole = await generate({ request });
      if (whole.status === 'threw') return fail({ expected: 'generate resolves.', saw: describeOutcome(whole) });
      if (whole.response.text !== words || whole.response.model !== request.model)
        fail({
          expected: `generate returns the text "${words}" of the model ${request.model}.`,
          saw: `It returned ${JSON.stringify(whole.response)}.`,
        });
      const streamed = await stream({ request });
      if (streamed.status === 'threw') return fail({ expected: 'stream ends.', saw: describeOutcome(streamed) });
      const text = streamed.parts.join('');
      if (text !== words) fail({ expected: `The parts of the stream are "${words}".`, saw: `They are "${text}".` });
      for (const { prompt, authorization } of replica.calls) {
        if (JSON.stringify(prompt?.messages) !== JSON.stringify(request.messages))
          fail({
            expected: 'The messages arrive unchanged.',
            saw: `The model service received ${JSON.stringify(prompt?.messages) ?? 'no messages'}.`,
          });
        if (authorization !== `Bearer ${token}`)
          fail({ expected: `The metadata has authorization "Bearer ${token}".`, saw: `It has "${authorization}".` });
      }
    });
  },
});

const EXPLICIT_ZERO = defineCheck({
  id: 'explicit-zero',
  title: 'An explicit 0 arrives as 0',
  stage: STAGE,
  where: WHERE,
  cases: 8,
  run: async (context) => {
    const zeros = context.random.shuffle(FIELDS).slice(0, context.random.integer(1, FIELDS.length));
    // Each case also has the field for which a 0 is most common.
    const fields = [...new Set([...zeros, 'temperature' as const])];
    const request = { ...createRequest(context), ...Object.fromEntries(fields.map((field) => [field, 0])) };
    await compareFields(context, request, fields, 'A 0 is a value.');
  },
});

const ABSENT_FIELDS = defineCheck({
  id: 'absent-fields',
  title: 'An absent field stays absent, and a present field is unchanged',
  stage: STAGE,
  where: WHERE,
  cases: 8,
  run: async (context) => {
    const { random } = context;
    const values = {
      temperature: random.integer(1, 20) / 10,
      topP: 0.5,
      maxTokens: random.integer(1, 4_000),
      seed: random.integer(1, 99),
    };
    // At least one field is absent.
    const given = random.shuffle(FIELDS).slice(0, random.integer(0, FIELDS.length - 1));
    const request = { ...createRequest(context), ...Object.fromEntries(given.map((field) => [field, values[field]])) };
    await compareFields(context, request, FIELDS, 'The client sends only the fields of the request.');
  },
});

export const VALUE_CHECKS: readonly Check[] = [ROUND_TRIP, EXPLICIT_ZERO, ABSENT_FIELDS];
