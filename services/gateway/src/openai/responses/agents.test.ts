import type { ResponseStreamEvent } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import { type ScriptedCompletion, startCompletionProvider } from '../completion-provider.test-support.ts';
import { startResponses } from './responses.test-support.ts';

const toolCall = (id: string, name: string, args: object | string) => ({
  id,
  type: 'function' as const,
  function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
});
const calling = (...tool_calls: ReturnType<typeof toolCall>[]): ScriptedCompletion => ({
  message: { tool_calls },
  finish: 'tool_calls',
});

const exec = {
  type: 'custom',
  name: 'exec',
  description: 'Runs JavaScript.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' },
};
const spawn = { type: 'function', name: 'spawn_agent', strict: false, parameters: { type: 'object', properties: {} } };
const agents = { type: 'namespace', name: 'collaboration', description: 'Tools for sub-agents.', tools: [spawn] };
/** The fields that Codex sends with each request. */
const CODEX = {
  model: 'm',
  store: false,
  tool_choice: 'auto',
  parallel_tool_calls: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: 'session',
  reasoning: { summary: 'auto', context: 'all_turns' },
  client_metadata: { session_id: 'session' },
};

async function start(completion: ScriptedCompletion) {
  const scripted = await startCompletionProvider();
  scripted.respondWith(completion);
  return { scripted, ...(await startResponses({ provider: scripted.provider })) };
}
type Started = Awaited<ReturnType<typeof start>>;

async function respond({ post }: Started, body: object) {
  const response = await post('/v1/responses', { ...CODEX, ...body });
  expect([response.status, response.status === 200 ? '' : await response.text()]).toEqual([200, '']);
  return { headers: response.headers, body: await response.json() };
}

async function eventsOf({ openai }: Started, body: object): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  const request = { ...CODEX, ...body, stream: true } as unknown as Parameters<typeof openai.responses.create>[0] & {
    stream: true;
  };
  for await (const event of await openai.responses.create(request)) events.push(event);
  return events;
}

describe('an agent session', () => {
  it.each([
    ['in the request', { tools: [exec, agents, { type: 'web_search', external_web_access: false }] }, []],
    [
      'in the input',
      {},
      [{ type: 'additional_tools', id: 'at_1', role: 'developer', tools: [exec, agents, { type: 'web_search' }] }],
    ],
  ])('continues after calls of custom and nested tools, declared %s', async (_case, fields, declared) => {
    const platform = await start(
      calling(toolCall('call_a', 'exec', { input: 'text("hi")' }), toolCall('call_b', 'collaboration__spawn_agent', {})),
    );
    const question = [...declared, { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }];
    const { body, headers } = await respond(platform, { ...fields, input: question });
    expect(headers.get('x-prodigon-ignored-tools')).toBe('web_search');
    expect(body.output).toMatchObject([
      {
        type: 'custom_tool_call',
        id: expect.stringMatching(/^ctc_/),
        call_id: 'call_a',
        name: 'exec',
        input: 'text("hi")',
        status: 'completed',
      },
      { type: 'function_call', call_id: 'call_b', namespace: 'collaboration', name: 'spawn_agent', arguments: '{}' },
    ]);

    platform.scripted.respondWith({ message: { content: 'Done.' } });
    const outputs = [
      { type: 'custom_tool_call_output', call_id: 'call_a', output: [{ type: 'input_text', text: 'hi' }] },
      { type: 'function_call_output', call_id: 'call_b', output: 'started' },
    ];
    await respond(platform, { ...fields, input: [...question, ...body.output, ...outputs] });
    expect(platform.scripted.request).not.toHaveProperty('client_metadata');
    expect(platform.scripted.request.messages).toMatchObject([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        tool_calls: [
          { id: 'call_a', function: { name: 'exec', arguments: '{"input":"text("hi")"}'.replaceAll('("hi")', '(\\"hi\\")') } },
          { id: 'call_b', function: { name: 'collaboration__spawn_agent', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_a', content: 'hi' },
      { role: 'tool', tool_call_id: 'call_b', content: 'started' },
    ]);
  });

  it('streams the input of custom tools while the model writes it', async () => {
    const platform = await start(
      calling(toolCall('call_a', 'exec', { input: 'one\ntwo 🚀' }), toolCall('call_b', 'exec', { input: '' })),
    );
    const events = await eventsOf(platform, { tools: [exec], input: 'Hi' });
    const deltas = events.flatMap((event) => (event.type === 'response.custom_tool_call_input.delta' ? event.delta : []));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.join('')).toBe('one\ntwo 🚀');
    expect(events.filter(({ type }) => type === 'response.custom_tool_call_input.done')).toMatchObject([
      { output_index: 0, input: 'one\ntwo 🚀' },
      { output_index: 1, input: '' },
    ]);
    expect(events.filter(({ type }) => type === 'response.output_item.done')).toMatchObject([
      { item: { type: 'custom_tool_call', input: 'one\ntwo 🚀', status: 'completed' } },
      { item: { type: 'custom_tool_call', input: '' } },
    ]);
    expect(events.map(({ type }) => type)).not.toContain('response.function_call_arguments.delta');
  });

  it.each([
    [
      'local_shell',
      { command: ['ls', '-l'], working_directory: '/tmp' },
      {
        type: 'local_shell_call',
        action: { type: 'exec', command: ['ls', '-l'], env: {}, working_directory: '/tmp', timeout_ms: null, user: null },
      },
    ],
    ['local_shell', { command: 'ls | wc' }, { type: 'local_shell_call', action: { command: ['sh', '-c', 'ls | wc'] } }],
    ['local_shell', 'not JSON', { type: 'local_shell_call', action: { command: [] } }],
    [
      'shell',
      { commands: ['ls'], timeout_ms: 5 },
      {
        type: 'shell_call',
        action: { commands: ['ls'], timeout_ms: 5, max_output_length: null },
        environment: { type: 'local' },
      },
    ],
    [
      'apply_patch',
      { type: 'create_file', path: 'a', diff: '+x' },
      { type: 'apply_patch_call', operation: { type: 'create_file', path: 'a', diff: '+x' } },
    ],
    [
      'apply_patch',
      { type: 'delete_file', path: 'a' },
      { type: 'apply_patch_call', operation: { type: 'delete_file', path: 'a' } },
    ],
  ])('gets calls of its own tools: %s %j', async (type, args, item) => {
    const platform = await start(calling(toolCall('call_a', type, args)));
    const { body } = await respond(platform, { tools: [{ type }], input: 'Hi' });
    expect(body.output).toMatchObject([{ ...item, call_id: 'call_a', status: 'completed' }]);
    const done = (await eventsOf(platform, { tools: [{ type }], input: 'Hi' })).find(
      (event) => event.type === 'response.output_item.done',
    );
    expect(done).toMatchObject({ item: { ...item, call_id: 'call_a' } });
  });

  it('exposes the tools that were left out to web pages', async () => {
    const { post } = await start({ message: { content: 'Hi.' } });
    const response = await post(
      '/v1/responses',
      { ...CODEX, input: 'Hi', tools: [{ type: 'web_search' }] },
      { headers: { origin: 'https://chat.example.com' } },
    );
    expect(response.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('x-prodigon-ignored-tools');
    expect((await post('/v1/responses', { ...CODEX, input: 'Hi' })).headers.has('x-prodigon-ignored-tools')).toBe(false);
  });
});

describe('the content of a model', () => {
  it('has a refusal as a part of its own, after the text', async () => {
    const platform = await start({ message: { content: 'Well.', refusal: 'I cannot.' } });
    const events = await eventsOf(platform, { input: 'Hi' });
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'content_part.added',
      'refusal.delta',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(
      events.filter((event) => 'content_index' in event).map((event) => 'content_index' in event && event.content_index),
    ).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(events.at(-1)).toMatchObject({
      response: {
        output: [
          {
            content: [
              { type: 'output_text', text: 'Well.' },
              { type: 'refusal', refusal: 'I cannot.' },
            ],
          },
        ],
      },
    });
  });

  it.each([
    [
      'a citation',
      { type: 'url_citation', url_citation: { url: 'https://example.org', title: 'X', start_index: 1, end_index: 2 } },
      { type: 'url_citation', url: 'https://example.org', title: 'X', start_index: 1, end_index: 2 },
    ],
    [
      'a citation without a title',
      { type: 'url_citation', url_citation: { url: 'https://example.org' } },
      { type: 'url_citation', url: 'https://example.org', title: '', start_index: 0, end_index: 0 },
    ],
    [
      'a file',
      { type: 'file_citation', file_citation: { file_id: 'f', filename: 'a.pdf', index: 3 } },
      { type: 'file_citation', file_id: 'f', filename: 'a.pdf', index: 3 },
    ],
    ['a type that clients do not know', { type: 'file', file: { hash: 'x' } }, undefined],
  ])('has annotations in the format of Responses: %s', async (_case, annotation, expected) => {
    const platform = await start({ message: { content: 'As X says.', annotations: [annotation] } });
    const annotations = expected ? [expected] : [];
    const { body } = await respond(platform, { input: 'Hi' });
    expect(body.output).toMatchObject([{ content: [{ type: 'output_text', annotations }] }]);
    const added = (await eventsOf(platform, { input: 'Hi' })).filter(
      ({ type }) => type === 'response.output_text.annotation.added',
    );
    expect(added).toMatchObject(annotations.map((each) => ({ annotation_index: 0, content_index: 0, annotation: each })));
  });
});
