import { createSimulatorProvider } from '@prodigon/model-providers';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeAfterAll, type Platform, startPlatform } from '../../gateway-harness.test-support.ts';
import { FAST, type Json, TOOLS } from '../openai-conformance.cases.test-support.ts';

const FUNCTIONS = TOOLS.map(({ function: called }) => ({ type: 'function', ...called }));
const SCHEMA = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };

let platform: Platform;
const onClose = closeAfterAll();
beforeAll(async () => {
  platform = await startPlatform(
    { topology: 'in one process', providers: [{ endpoints: [createSimulatorProvider()] }] },
    onClose,
  );
});

async function send(fields: object) {
  const response = await platform.post('/v1/responses', { model: FAST, input: 'Hi', ...fields });
  return { status: response.status, text: await response.text() };
}

async function respond(fields: object): Promise<Json> {
  const { status, text } = await send(fields);
  expect([status, text.slice(0, 300)]).toEqual([200, expect.anything()]);
  return JSON.parse(text);
}

async function eventsOf(fields: object): Promise<Json[]> {
  const { text } = await send({ ...fields, stream: true });
  const frames = text.split('\n\n').filter(Boolean);
  return frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 'data: '.length)));
}

const item = (type: string, fields: object) => ({ type, ...fields });
const message = (role: string, type: string, text = 'Hi') => item('message', { role, content: [{ type, text }] });
const call = { call_id: 'a', name: 'weather', arguments: '{}' };
const output = item('function_call_output', { call_id: 'a', output: 'sun' });

describe('an input', () => {
  it.each([
    [
      'messages without a type',
      [
        { role: 'system', content: 'Hi' },
        { role: 'user', content: 'Hi' },
      ],
    ],
    ['parts of the developer and the user', [message('developer', 'input_text'), message('user', 'input_text')]],
    [
      'an assistant message without id, status and annotations',
      [message('assistant', 'output_text'), message('user', 'input_text')],
    ],
    ['reasoning without id', [item('reasoning', { summary: [], encrypted_content: null }), message('user', 'input_text')]],
    ['a call without id and status', [message('user', 'input_text'), item('function_call', call), output]],
  ])('may consist of %s', async (_case, input) => {
    expect(await respond({ input })).toMatchObject({ status: 'completed', output: [{ type: 'message' }] });
  });

  it.each([
    ['no item', [], 'input'],
    ['a number', 1, 'input'],
    ['a call without its id', [item('function_call', { ...call, call_id: undefined }), output], 'input[0].call_id'],
    [
      'an output without its text',
      [item('function_call', call), item('function_call_output', { call_id: 'a' })],
      'input[1].output',
    ],
    ['an unknown role', [{ role: 'my-role', content: 'Hi' }], 'input[0].role'],
  ])('is refused with %s', async (_case, input, param) => {
    const { status, text } = await send({ input });
    expect([status, JSON.parse(text).error.param]).toEqual([400, param]);
  });

  it('may contain the output of an earlier response', async () => {
    const first = await respond({ tools: FUNCTIONS, tool_choice: 'required' });
    const outputs = first.output.map(({ call_id }: Json) => item('function_call_output', { call_id, output: 'sun' }));
    const input = [{ role: 'user', content: 'Hi' }, ...first.output, ...outputs];
    const second = await respond({ input, tools: FUNCTIONS });
    expect(second.output[0].content[0].text.length).toBeGreaterThan(0);
  });
});

describe('a text format', () => {
  it.each([
    [{ type: 'json_schema', name: 'test', schema: { const: 'foo' } }, z.literal('foo')],
    [{ type: 'json_schema', name: 'test', schema: SCHEMA, strict: true }, z.object({ n: z.int() })],
    [{ type: 'json_object' }, z.looseObject({})],
  ])('determines the text: %j', async (format, schema) => {
    const [{ content }] = (await respond({ text: { format } })).output;
    schema.parse(JSON.parse(content[0].text));
  });

  it.each([
    ['without a schema', { type: 'json_schema', name: 'test' }, 'text.format.schema'],
    ['without a name', { type: 'json_schema', schema: {} }, 'text.format.name'],
    ['of an unknown type', { type: 'sound' }, 'text.format.type'],
    ['with a schema of an unknown type', { type: 'json_schema', name: 'x', schema: { type: 'hiccup' } }, 'text.format.schema'],
  ])('is refused %s', async (_case, format, param) => {
    const { status, text } = await send({ text: { format } });
    expect([status, JSON.parse(text).error.param]).toEqual([400, param]);
  });
});

describe('a function call', () => {
  const choices = ['required', { type: 'function', name: 'weather' }];

  it.each(choices)('has valid arguments, whole and streamed: %j', async (tool_choice) => {
    const fields = { tools: FUNCTIONS, tool_choice };
    const [called] = (await respond(fields)).output;
    expect(called).toMatchObject({
      type: 'function_call',
      name: 'weather',
      call_id: expect.stringMatching(/./),
      status: 'completed',
    });
    z.fromJSONSchema(TOOLS[0].function.parameters as never).parse(JSON.parse(called.arguments));
    const events = await eventsOf(fields);
    const deltas = events.filter(({ type }) => type === 'response.function_call_arguments.delta').map(({ delta }) => delta);
    const done = events.find(({ type }) => type === 'response.output_item.done');
    expect([deltas.join(''), done.item.arguments]).toEqual([called.arguments, called.arguments]);
  });

  it.each(choices)('is incomplete at the token limit: %j', async (tool_choice) => {
    const response = await respond({ tools: FUNCTIONS, tool_choice, max_output_tokens: 1 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(response.output.filter(({ status }: Json) => status === 'completed')).toEqual([]);
  });
});

/** The event that opens what an event closes. */
const OPENED_BY: Readonly<Record<string, string>> = {
  'response.completed': 'response.created',
  'response.output_item.done': 'response.output_item.added',
  'response.content_part.done': 'response.content_part.added',
  'response.output_text.done': 'response.output_text.delta',
  'response.function_call_arguments.done': 'response.function_call_arguments.delta',
};

it.each([{}, { tools: FUNCTIONS, tool_choice: 'required', parallel_tool_calls: true }])(
  'a stream closes everything that it opens, in reverse order, with the ids of one response: %j',
  async (fields) => {
    const open: string[] = [];
    const events = await eventsOf(fields);
    for (const { type } of events) {
      if (type in OPENED_BY) expect([type, open.pop()]).toEqual([type, OPENED_BY[type]]);
      else if (Object.values(OPENED_BY).includes(type) && open.at(-1) !== type) open.push(type);
    }
    expect(open).toEqual([]);
    const [id, ...others] = new Set(events.flatMap(({ response }) => response?.id ?? []));
    expect([id, others]).toEqual([expect.stringMatching(/^resp_/), []]);
    const added = events.filter(({ type }) => type === 'response.output_item.added').map((event) => event.item.id);
    expect(added).toEqual(events.at(-1).response.output.map((each: Json) => each.id));
    for (const { item_id } of events) if (item_id !== undefined) expect(added).toContain(item_id);
  },
);
