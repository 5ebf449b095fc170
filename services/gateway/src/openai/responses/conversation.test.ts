import { describe, expect, it } from 'vitest';
import { readTools } from './request-tools.ts';
import { responsesRequestSchema } from './responses-request.ts';
import { toChatRequest } from './to-chat-request.ts';

function messagesOf(input: readonly object[], tools: readonly object[] = []) {
  const request = responsesRequestSchema.parse({ input, tools });
  return toChatRequest(request, readTools(request)).messages;
}
const user = (content: string) => ({ role: 'user', content });
const assistant = (text: string) => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' };
const call = (call_id: string, name = 'look') => ({ type: 'function_call', call_id, name, arguments: '{}' });
const output = (call_id: string, text: unknown = call_id) => ({ type: 'function_call_output', call_id, output: text });
const picture = { type: 'input_image', image_url: 'data:image/png;base64,AA==' };

/** Describes messages by their role and what identifies them, e.g. `assistant hi [a b]` or `tool a`. */
const summaryOf = (messages: readonly object[]) =>
  (messages as { role: string; content?: unknown; tool_calls?: { id: string }[]; tool_call_id?: string }[]).map((message) => {
    const { role, content, tool_calls, tool_call_id } = message;
    const text = typeof content === 'string' ? ` ${content}` : '';
    if (tool_call_id) return `${role} ${tool_call_id}`;
    return `${role}${text}${tool_calls ? ` [${tool_calls.map(({ id }) => id).join(' ')}]` : ''}`;
  });

describe('the messages of an input', () => {
  it.each([
    ['parallel calls', [call('a'), call('b'), output('a'), output('b')], ['assistant [a b]', 'tool a', 'tool b']],
    ['outputs in another order', [call('a'), call('b'), output('b'), output('a')], ['assistant [a b]', 'tool b', 'tool a']],
    [
      'calls one after the other',
      [call('a'), output('a'), call('b'), output('b')],
      ['assistant [a]', 'tool a', 'assistant [b]', 'tool b'],
    ],
    [
      'a call after an output of the same turn',
      [call('a'), call('b'), output('a'), call('c'), output('b'), output('c')],
      ['assistant [a b c]', 'tool a', 'tool b', 'tool c'],
    ],
    [
      'text and reasoning between calls',
      [assistant('x'), call('a'), reasoning, assistant('y'), call('b'), output('a'), output('b')],
      ['assistant x\ny [a b]', 'tool a', 'tool b'],
    ],
    [
      'reasoning between a call and its output',
      [call('a'), reasoning, output('a'), reasoning, assistant('z')],
      ['assistant [a]', 'tool a', 'assistant z'],
    ],
    ['a message of the user before the output', [call('a'), user('wait'), output('a')], ['assistant [a]', 'tool a', 'user wait']],
    [
      'messages between two outputs',
      [call('a'), call('b'), output('a'), assistant('x'), user('y'), output('b'), call('c'), output('c')],
      ['assistant [a b]', 'tool a', 'tool b', 'assistant x', 'user y', 'assistant [c]', 'tool c'],
    ],
    ['items of one turn', [assistant('x'), assistant('y'), reasoning, assistant('z')], ['assistant x\ny\nz']],
    [
      'an id that a later turn repeats',
      [call('a'), output('a'), call('a'), output('a')],
      ['assistant [a]', 'tool a', 'assistant [a]', 'tool a'],
    ],
    ['results of hosted tools', [{ type: 'web_search_call', id: 'ws_1', status: 'completed' }, assistant('x')], ['assistant x']],
    [
      'calls and outputs of hosted tools',
      [
        ...['computer_call', 'computer_call_output', 'tool_search_call', 'tool_search_output', 'program', 'program_output'].map(
          (type) => ({ type, call_id: 'h' }),
        ),
        assistant('x'),
      ],
      ['assistant x'],
    ],
  ])('have the order that providers require: %s', (_case, items, expected) => {
    expect(summaryOf(messagesOf([user('Hi'), ...items]))).toEqual(['user Hi', ...expected]);
  });

  it('contain pictures and files of tool outputs in a message of the user, after all outputs of the turn', () => {
    const file = { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' };
    const items = [
      call('a'),
      call('b'),
      output('a', [{ type: 'input_text', text: 'here' }, picture]),
      output('b', [file]),
      user('Well?'),
    ];
    expect(messagesOf(items)).toMatchObject([
      { role: 'assistant' },
      { role: 'tool', tool_call_id: 'a', content: 'here' },
      { role: 'tool', tool_call_id: 'b', content: expect.stringMatching(/attached/) },
      {
        role: 'user',
        content: [
          { type: 'text', text: expect.stringContaining('call a') },
          { type: 'image_url', image_url: { url: picture.image_url } },
          { type: 'text', text: expect.stringContaining('call b') },
          { type: 'file', file: { filename: file.filename, file_data: file.file_data } },
        ],
      },
      { role: 'user', content: 'Well?' },
    ]);
  });

  it.each([
    [
      'a custom tool',
      { type: 'custom_tool_call', call_id: 'a', name: 'exec', namespace: 'functions', input: 'x("y")' },
      'custom_tool_call_output',
      'functions__exec',
      { input: 'x("y")' },
    ],
    ['a nested function', { ...call('a', 'spawn'), namespace: 'agents' }, 'function_call_output', 'agents__spawn', {}],
    [
      'a nested function that is declared no more',
      { ...call('a', 'gone'), namespace: 'old' },
      'function_call_output',
      'old__gone',
      {},
    ],
    [
      'a local shell',
      { type: 'local_shell_call', id: 'lsh_1', call_id: 'a', action: { type: 'exec', command: ['ls'], env: {} } },
      'local_shell_call_output',
      'local_shell',
      { command: ['ls'], env: {} },
    ],
    [
      'a shell',
      { type: 'shell_call', call_id: 'a', action: { commands: ['ls'] } },
      'shell_call_output',
      'shell',
      { commands: ['ls'] },
    ],
    [
      'a patch',
      { type: 'apply_patch_call', call_id: 'a', operation: { type: 'delete_file', path: 'x' } },
      'apply_patch_call_output',
      'apply_patch',
      { type: 'delete_file', path: 'x' },
    ],
  ])('contain earlier calls of every kind: %s', (_case, item, type, name, args) => {
    const result =
      type === 'shell_call_output' ? [{ stdout: 'done', stderr: '', outcome: { type: 'exit', exit_code: 0 } }] : 'done';
    const tools = [
      { type: 'namespace', name: 'functions', tools: [{ type: 'custom', name: 'exec' }] },
      { type: 'namespace', name: 'agents', tools: [{ type: 'function', name: 'spawn' }] },
    ];
    const [calling, answer] = messagesOf([item, { type, call_id: 'a', output: result, status: 'completed' }], tools) as {
      tool_calls?: { function: { name: string; arguments: string } }[];
      content?: string;
    }[];
    expect(calling?.tool_calls?.[0]?.function.name).toBe(name);
    expect(JSON.parse(calling?.tool_calls?.[0]?.function.arguments ?? '')).toEqual(args);
    expect(answer).toMatchObject({ role: 'tool', tool_call_id: 'a', content: expect.stringContaining('done') });
  });

  it('match the output of a local shell by the id of its item', () => {
    const shell = { type: 'local_shell_call', id: 'lsh_1', call_id: 'a', action: { type: 'exec', command: ['ls'], env: {} } };
    expect(messagesOf([shell, { type: 'local_shell_call_output', id: 'lsh_1', output: '{}' }])).toMatchObject([
      { tool_calls: [{ id: 'a' }] },
      { role: 'tool', tool_call_id: 'a' },
    ]);
  });

  it('keep a refusal as a refusal', () => {
    const refused = { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] };
    const partly = {
      role: 'assistant',
      content: [
        { type: 'output_text', text: 'Well.' },
        { type: 'refusal', refusal: 'No.' },
      ],
    };
    expect(messagesOf([refused, user('Please'), partly])).toEqual([
      { role: 'assistant', content: null, refusal: 'No.' },
      { role: 'user', content: 'Please' },
      { role: 'assistant', content: 'Well.', refusal: 'No.' },
    ]);
  });

  it.each([
    ['an output without a call', [output('a')]],
    ['a second output of a call', [call('a'), output('a'), output('a')]],
    ['two calls of a turn with one id', [call('a'), call('a', 'other'), output('a'), output('a')]],
    ['a call with the id of an ended one of its turn', [call('a'), call('b'), output('a'), call('a'), output('a'), output('b')]],
    ['a call without an output', [call('a')]],
    ['a call without an output before other messages', [call('a'), user('x'), call('b'), output('b')]],
  ])('are rejected like at OpenAI for %s', (_case, items) => {
    expect(() => messagesOf([user('Hi'), ...items])).toThrow(
      expect.objectContaining({ code: 'BAD_REQUEST', details: [{ path: 'input', message: expect.stringContaining('tool') }] }),
    );
  });

  it('are limited to those that a chat completion may have', () => {
    const input = Array.from({ length: 8_192 }, () => user('x'));
    expect(messagesOf(input)).toHaveLength(8_192);
    // The instructions are a message too.
    const request = responsesRequestSchema.parse({ input, instructions: 'x' });
    expect(() => toChatRequest(request, readTools(request))).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
  });
});
