import type { ExportedConversation } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { setUpImport, shownBranch } from './import.test-support.ts';
import { createZip } from './zip.test-support.ts';

const claude = {
  uuid: 'c-1',
  name: 'Claude',
  created_at: '2026-01-05T10:00:00.123456Z',
  updated_at: '2026-01-06T10:00:00Z',
  model: 'claude-x',
  chat_messages: [
    {
      uuid: 'm-1',
      sender: 'human',
      text: 'Read this',
      content: [{ type: 'text', text: 'Read this' }],
      parent_message_uuid: '00000000-0000-4000-8000-000000000000',
      attachments: [{ file_name: 'a.txt', file_type: 'txt', file_size: 4, extracted_content: 'text' }],
      files: [{ file_name: 'cat.png', file_kind: 'image' }, { file_name: 'a.txt' }],
    },
    {
      uuid: 'm-2',
      sender: 'assistant',
      parent_message_uuid: 'm-1',
      content: [
        { type: 'thinking', thinking: 'Hm' },
        { type: 'tool_use', id: 't-1', name: 'search', input: { q: 'x' } },
        { type: 'tool_result', tool_use_id: 't-1', content: [{ type: 'text', text: 'found' }] },
        { type: 'text', text: 'The first answer' },
      ],
    },
    { uuid: 'm-3', sender: 'assistant', parent_message_uuid: 'm-1', text: 'The second answer', content: [] },
  ],
};

const libreChat = {
  conversationId: 'l-1',
  title: 'LibreChat',
  recursive: true,
  options: { model: 'gpt-x', promptPrefix: 'Be kind' },
  messagesTree: [
    {
      messageId: 'a',
      isCreatedByUser: true,
      text: 'Question',
      createdAt: '2024-04-09T14:32:05.230Z',
      files: [{ filename: 'b.pdf', type: 'application/pdf', bytes: 7 }],
      children: [
        { messageId: 'b', isCreatedByUser: false, text: 'One', children: [] },
        {
          messageId: 'c',
          isCreatedByUser: false,
          model: 'gpt-y',
          text: '',
          content: [
            { type: 'think', think: 'Hm' },
            { type: 'tool_call', tool_call: { id: 't', name: 'web', args: '{}', output: 'page' } },
            { type: 'text', text: { value: 'Two' } },
          ],
          children: [],
        },
      ],
    },
  ],
};

const openWebUi = {
  id: 'o-1',
  title: 'Open WebUI',
  created_at: 1_700_000_000,
  updated_at: 1_700_000_010,
  pinned: true,
  archived: false,
  meta: { tags: ['math'] },
  chat: {
    models: ['llama'],
    params: { system: 'Count' },
    history: {
      currentId: 'o-a',
      messages: {
        'o-b': { id: 'o-b', parentId: 'o-q', childrenIds: [], role: 'assistant', content: 'Sixteen', timestamp: 1_700_000_002 },
        'o-a': {
          id: 'o-a',
          parentId: 'o-q',
          childrenIds: [],
          role: 'assistant',
          model: 'llama:8b',
          content: '<details type="reasoning" done="true"><summary>Thought</summary>\n&gt; 8 &lt; 9\n</details>\nSeventeen',
        },
        'o-q': {
          id: 'o-q',
          parentId: null,
          childrenIds: ['o-a', 'o-b'],
          role: 'user',
          content: '8 + 9?',
          files: [{ type: 'image', name: 'sum.png' }],
        },
      },
    },
  },
};

const STARTED = '2026-03-01T09:30:00.000Z';
const messageOf = (
  id: string,
  parentId: string | null,
  role: 'user' | 'assistant',
  text: string,
): ExportedConversation['messages'][number] => ({
  id: `01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d${id}`,
  parent_id: parentId && `01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d${parentId}`,
  role,
  content: text,
  parts: [
    { type: 'text', text },
    {
      type: 'attachment',
      attachment_id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4dff',
      name: 'a.txt',
      media_type: 'text/plain',
      bytes: 3,
    },
  ],
  status: 'streaming',
  model: 'simulator-fast',
  provider: 'simulator',
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  estimated: false,
  cost_usd: 0,
  finish_reason: null,
  ttft_ms: null,
  latency_ms: null,
  error: null,
  generation_id: null,
  request_id: null,
  meta: { mood: 'good' },
  created_at: STARTED,
  completed_at: null,
});
const exported: ExportedConversation = {
  prodigon_conversation: 1,
  conversation: {
    id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5e',
    title: 'Prodigon',
    title_source: 'user',
    system_prompt: 'Teach',
    model: 'simulator-fast',
    max_tokens: null,
    temperature: null,
    pinned: true,
    archived: true,
    tags: ['a'],
    active_message_id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d02',
    created_at: STARTED,
    updated_at: STARTED,
  },
  messages: [
    messageOf('01', null, 'user', 'Q'),
    messageOf('02', '01', 'assistant', 'One'),
    messageOf('03', '01', 'assistant', 'Two'),
  ],
};

describe('import of other formats', () => {
  it('recognizes each format by its shape, whatever the file is called', async () => {
    const { run } = await setUpImport();
    const all = [claude, libreChat, openWebUi, exported];
    const report = await run(
      createZip(all.map((value, index) => ({ name: `${index}/conversations.json`, content: JSON.stringify([value]) }))),
    );
    expect(report).toMatchObject({ imported: 4, failed: 0, formats: ['claude', 'librechat', 'open_webui', 'prodigon'] });
  });

  it('imports Claude with reasoning, tools, files and the latest branch', async () => {
    const { run, byTitle } = await setUpImport();
    await run([claude]);
    const conversation = byTitle('Claude');
    expect(conversation).toMatchObject({ created_at: '2026-01-05T10:00:00.123Z', model: 'claude-x', activeSourceId: 'm-3' });
    expect(conversation && shownBranch(conversation)).toEqual([
      'user: Read this | <a.txt> | ```\ntext\n``` | <cat.png>',
      'assistant: The second answer',
    ]);
    expect(conversation?.messages.find(({ sourceId }) => sourceId === 'm-2')?.parts).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'tool_call', id: 't-1', name: 'search', arguments: '{"q":"x"}' },
      { type: 'tool_result', id: 't-1', text: 'found' },
      { type: 'text', text: 'The first answer' },
    ]);
  });

  it('shows the branch that Claude names', async () => {
    const { run, byTitle } = await setUpImport();
    await run({ account: {}, conversations: [{ ...claude, current_leaf_message_uuid: 'm-2' }] });
    expect(byTitle('Claude')?.activeSourceId).toBe('m-2');
  });

  it('imports an older export of Claude, whose messages name no parents, as one branch', async () => {
    const { run, byTitle } = await setUpImport();
    await run([{ ...claude, chat_messages: claude.chat_messages.map(({ parent_message_uuid: _, ...message }) => message) }]);
    expect(byTitle('Claude')?.messages.map(({ parentSourceId }) => parentSourceId)).toEqual([null, 'm-1', 'm-2']);
  });

  it('imports the tree of LibreChat', async () => {
    const { run, byTitle } = await setUpImport();
    await run(libreChat);
    const conversation = byTitle('LibreChat');
    expect(conversation).toMatchObject({ system_prompt: 'Be kind', model: 'gpt-x', created_at: '2024-04-09T14:32:05.230Z' });
    expect(conversation?.messages.map(({ sourceId, parentSourceId, model }) => [sourceId, parentSourceId, model])).toEqual([
      ['a', null, null],
      ['b', 'a', 'gpt-x'],
      ['c', 'a', 'gpt-y'],
    ]);
    expect(conversation && shownBranch(conversation)).toEqual(['user: Question | <b.pdf>', 'assistant: Hm | web | page | Two']);
  });

  it('imports Open WebUI with the chosen branch and the order of the versions', async () => {
    const { run, byTitle } = await setUpImport();
    await run([openWebUi]);
    const conversation = byTitle('Open WebUI');
    expect(conversation).toMatchObject({
      system_prompt: 'Count',
      pinned: true,
      tags: ['math'],
      created_at: '2023-11-14T22:13:20.000Z',
    });
    expect(conversation?.messages.map(({ sourceId, model }) => [sourceId, model])).toEqual([
      ['o-q', null],
      ['o-a', 'llama:8b'],
      ['o-b', 'llama'],
    ]);
    expect(conversation && shownBranch(conversation)).toEqual(['user: 8 + 9? | <sum.png>', 'assistant: 8 < 9 | Seventeen']);
  });

  it('imports its own export, one conversation in each line, without access to attachments', async () => {
    const { run, byTitle } = await setUpImport();
    const other = {
      ...exported,
      conversation: { ...exported.conversation, id: '01989f3e-2a54-7c3b-9d0e-6f2b8a1c4d5f', title: 'Other' },
    };
    const report = await run(`${JSON.stringify(exported)}\n{"prodigon_conversation": 1, "con\n\n${JSON.stringify(other)}\n`);
    expect(report).toMatchObject({
      formats: ['prodigon'],
      imported: 2,
      failed: 1,
      failures: [{ where: '[1]', code: 'INVALID_JSON' }],
    });
    const conversation = byTitle('Prodigon');
    expect(conversation).toMatchObject({ system_prompt: 'Teach', archived: true, tags: ['a'], created_at: STARTED });
    expect(conversation && shownBranch(conversation)).toEqual(['user: Q | <a.txt>', 'assistant: One | <a.txt>']);
    expect(conversation?.messages).toHaveLength(3);
    const message = conversation?.messages[0];
    expect(message).toMatchObject({ status: 'interrupted', usage: { total_tokens: 3 }, meta: { mood: 'good' } });
    expect(message?.parts[1]).toMatchObject({ attachment_id: null });
  });

  it('names a conversation of a later version of the export', async () => {
    const { run } = await setUpImport();
    const { failures } = await run({ ...exported, prodigon_conversation: 2 });
    expect(failures).toMatchObject([
      { code: 'VALIDATION_ERROR', message: 'A later version of Prodigon has exported the conversation.' },
    ]);
  });
});
