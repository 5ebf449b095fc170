import { describe, expect, it } from 'vitest';
import { readTools } from './request-tools.ts';
import { responsesRequestSchema } from './responses-request.ts';
import { toChatRequest, toChatRequestInTurns } from './to-chat-request.ts';

function chatOf(body: Record<string, unknown>) {
  const request = responsesRequestSchema.parse({ input: 'Hi', ...body });
  return toChatRequest(request, readTools(request));
}
const messagesOf = (input: unknown) => chatOf({ input }).messages;
const look = { type: 'function', name: 'look', description: 'Looks', parameters: { type: 'object' }, strict: true };
const tell = { type: 'function', name: 'tell', parameters: null };

describe('translation of Responses requests to chat requests', () => {
  it('puts the instructions before a text input', () => {
    expect(chatOf({ model: 'm', instructions: 'Be brief' })).toEqual({
      model: 'm',
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  it('keeps chat fields and unknown fields', () => {
    const kept = { temperature: 0, top_p: 0.5, seed: 7, user: 'u', metadata: { a: 'b' }, service_tier: 'flex', top_k: 3 };
    expect(chatOf({ ...kept, store: true, truncation: 'auto', include: [], stream: true, model: null })).toEqual({
      ...kept,
      messages: [{ role: 'user', content: 'Hi' }],
    });
  });

  it('omits chat fields whose results a response cannot hold, so that nobody pays for them', () => {
    const functions = [{ name: 'look', parameters: {} }];
    expect(chatOf({ n: 2, functions, function_call: 'auto' })).toEqual({ messages: [{ role: 'user', content: 'Hi' }] });
  });

  it('renames the token limit, the reasoning effort and the verbosity', () => {
    expect(chatOf({ max_output_tokens: 9, reasoning: { effort: 'low' }, text: { verbosity: 'high' } })).toMatchObject({
      max_tokens: 9,
      reasoning_effort: 'low',
      verbosity: 'high',
    });
  });

  it('translates JSON formats', () => {
    const schema = { type: 'object' };
    expect(chatOf({ text: { format: { type: 'text' } } })).not.toHaveProperty('response_format');
    expect(chatOf({ text: { format: { type: 'json_object' } } }).response_format).toEqual({ type: 'json_object' });
    const responseFormat = (fields: object) =>
      chatOf({ text: { format: { type: 'json_schema', name: 'n', schema, ...fields } } }).response_format;
    expect(responseFormat({ strict: true })).toEqual({ type: 'json_schema', json_schema: { name: 'n', schema, strict: true } });
    expect(responseFormat({ strict: null, description: null })).toEqual({
      type: 'json_schema',
      json_schema: { name: 'n', schema },
    });
  });

  it('translates messages of every role, with text and images', () => {
    expect(
      messagesOf([
        {
          role: 'developer',
          content: [
            { type: 'input_text', text: 'Be' },
            { type: 'input_text', text: 'kind' },
          ],
        },
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Only words' }] },
        {
          role: 'assistant',
          content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
          id: 'msg_1',
          status: 'completed',
        },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' },
          ],
        },
      ]),
    ).toEqual([
      { role: 'system', content: 'Be\nkind' },
      { role: 'user', content: 'Only words' },
      { role: 'assistant', content: 'Yes.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==', detail: 'low' } },
        ],
      },
    ]);
  });

  it('groups the function calls of one turn into one message and matches outputs by id', () => {
    const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'look', arguments: '{}', id: `fc_${id}` });
    const chatCall = (id: string) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } });
    expect(
      messagesOf([
        { type: 'reasoning', id: 'rs_1', summary: [] },
        call('a'),
        call('b'),
        { type: 'function_call_output', call_id: 'a', output: 'one' },
        { type: 'function_call_output', call_id: 'b', output: [{ type: 'input_text', text: 'two' }] },
        { role: 'assistant', content: 'Once more.' },
        call('c'),
        { type: 'function_call_output', call_id: 'c', output: 'three' },
      ]),
    ).toEqual([
      { role: 'assistant', content: null, tool_calls: [chatCall('a'), chatCall('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'one' },
      { role: 'tool', tool_call_id: 'b', content: 'two' },
      { role: 'assistant', content: 'Once more.', tool_calls: [chatCall('c')] },
      { role: 'tool', tool_call_id: 'c', content: 'three' },
    ]);
  });

  it('translates functions and the tool choice', () => {
    const lookTool = {
      type: 'function',
      function: { name: 'look', description: 'Looks', parameters: { type: 'object' }, strict: true },
    };
    const tellTool = { type: 'function', function: { name: 'tell' } };
    expect(
      chatOf({ tools: [look, tell], tool_choice: { type: 'function', name: 'tell' }, parallel_tool_calls: false }),
    ).toMatchObject({
      tools: [lookTool, tellTool],
      tool_choice: { type: 'function', function: { name: 'tell' } },
      parallel_tool_calls: false,
    });
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'look' }] };
    expect(chatOf({ tools: [look, tell], tool_choice: allowed })).toMatchObject({ tools: [lookTool], tool_choice: 'required' });
  });

  it('omits the tool choice without tools', () => {
    expect(Object.keys(chatOf({ tools: [], tool_choice: 'auto', parallel_tool_calls: true }))).toEqual(['messages']);
  });

  it.each([
    ['a tool of an unknown type', { tools: [look, { type: 'telepathy' }] }, 'tools[1].type'],
    ['a tool of an MCP server', { tools: [{ type: 'mcp', server_label: 's' }] }, 'tools[0].type'],
    ['a function without a name', { tools: [{ type: 'function' }] }, 'tools[0].name'],
    ['a choice of another kind of tool', { tools: [look], tool_choice: { type: 'mcp', server_label: 's' } }, 'tool_choice.type'],
    ['an earlier response', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['a stored conversation', { conversation: { id: 'conv_1' } }, 'conversation'],
    ['a stored prompt', { prompt: { id: 'pmpt_1' } }, 'prompt'],
    ['work in the background', { background: true }, 'background'],
    ['an item by reference', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0].type'],
    ['an item of another kind', { input: [{ role: 'user', content: 'Hi' }, { type: 'mcp_call' }] }, 'input[1].type'],
    ['a message without content', { input: [{ role: 'user' }] }, 'input[0].content'],
    [
      'a file by its URL',
      { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://example.org/a.pdf' }] }] },
      'input[0].content[0].file_url',
    ],
    [
      'a file without content',
      { input: [{ role: 'user', content: [{ type: 'input_file', filename: 'a.pdf' }] }] },
      'input[0].content[0].file_data',
    ],
    [
      'an image by the id of a file',
      { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] },
      'input[0].content[0].image_url',
    ],
    [
      'an image in a message of the assistant',
      {
        input: [
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            content: [
              { type: 'output_text', text: 'a' },
              { type: 'input_image', image_url: 'data:x' },
            ],
          },
        ],
      },
      'input[1].content[1].type',
    ],
    ['reasoning alone', { input: [{ type: 'reasoning', id: 'rs_1', summary: [] }] }, 'input'],
  ])('rejects %s and names the field', (_case, body, path) => {
    expect(() => chatOf(body)).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: [{ path, message: expect.any(String) }] }),
    );
  });

  it('suggests sending the whole conversation instead of an earlier response', () => {
    expect(() => chatOf({ previous_response_id: 'resp_1' })).toThrow(
      'Responses are not stored. Omit previous_response_id and send the whole conversation as input.',
    );
  });

  it('ignores null fields', () => {
    const nothing = {
      instructions: null,
      tools: null,
      text: null,
      reasoning: null,
      previous_response_id: null,
      conversation: null,
    };
    expect(chatOf({ ...nothing, background: false, tool_choice: null })).toEqual({ messages: [{ role: 'user', content: 'Hi' }] });
  });
});

it('translates many items in a turn of its own, and few items immediately', async () => {
  const turnsOf = async (count: number) => {
    const request = responsesRequestSchema.parse({ input: Array(count).fill({ role: 'user', content: 'Hi' }) });
    let turns = 0;
    let isDone = false;
    const tick = () => {
      turns += 1;
      if (!isDone) setImmediate(tick);
    };
    setImmediate(tick);
    const { messages } = await toChatRequestInTurns(request, readTools(request));
    isDone = true;
    expect(messages).toHaveLength(count);
    return turns;
  };
  expect(await turnsOf(1_000)).toBe(0);
  expect(await turnsOf(1_001)).toBeGreaterThan(0);
});
