import { describe, expect, it } from 'vitest';
import { BROKEN, chatGptConversation, type ExportShape } from './chatgpt-export.test-support.ts';
import { setUpImport, shownBranch } from './import.test-support.ts';
import { createZip } from './zip.test-support.ts';

const COUNT = 100;
const BROKEN_EVERY = 25;
const FILES = 40;

/** Returns an export with a broken conversation now and then. */
function createExport(shape: ExportShape, count = COUNT) {
  const generated = Array.from({ length: count }, (_, number) => chatGptConversation(number, shape));
  const entries: object[] = generated.map(({ value }) => value);
  for (const [index, broken] of Object.values(BROKEN).entries()) entries.splice((index + 1) * BROKEN_EVERY, 0, broken);
  if (shape === 'single') return { generated, file: Buffer.from(JSON.stringify(entries)) };
  const perFile = Math.ceil(entries.length / FILES);
  const shards = Array.from({ length: FILES }, (_, index) => ({
    name: `conversations-${String(index).padStart(3, '0')}.json`,
    content: JSON.stringify(entries.slice(index * perFile, (index + 1) * perFile)),
  }));
  const others = [
    { name: 'user.json', content: '{"id": "user-1", "email": "ada@example.com"}' },
    { name: 'shared_conversations.json', content: '[{"id": "a", "conversation_id": "b", "title": "Shared"}]' },
    { name: 'message_feedback.json', content: '[]' },
    { name: 'chat.html', content: '<html>' },
    { name: 'file-cat.png', content: Buffer.from('\x89PNG\r\n') },
    { name: 'images/', content: '' },
  ];
  return { generated, file: createZip([...others, ...shards]) };
}

describe('import of an export of ChatGPT', () => {
  it.each(['single', 'sharded'] as const)('stores all conversations and names each broken one: %s', async (shape) => {
    const { run, stored } = await setUpImport();
    const { generated, file } = createExport(shape);
    const report = await run(file);
    expect(report).toMatchObject({ formats: ['chatgpt'], imported: COUNT, unchanged: 0, failed: Object.keys(BROKEN).length });
    expect(report.failures.map(({ title }) => title)).toEqual(Object.keys(BROKEN));
    expect(report.failures[0]?.where).toBe(shape === 'single' ? '[25]' : 'conversations-008.json[1]');
    expect(stored.size).toBe(COUNT);
    const shown = [...stored.values()].map((conversation) => shownBranch(conversation).at(-1));
    expect(new Set(shown)).toEqual(new Set(generated.map(({ shownText }) => `assistant: ${shownText}`)));
    expect([...stored.values()].filter(({ archived }) => archived)).toHaveLength(COUNT / 10);
  });

  it('stores nothing twice', async () => {
    const { run, stored } = await setUpImport();
    const { file } = createExport('sharded', 10);
    expect(await run(file)).toMatchObject({ imported: 10, unchanged: 0 });
    expect(await run(file)).toMatchObject({ imported: 0, unchanged: 10, conversations: [] });
    expect(stored.size).toBe(10);
  });

  it('keeps every content type and both versions of an answer', async () => {
    const { run, byTitle } = await setUpImport();
    await run([chatGptConversation(1, 'sharded').value]);
    const conversation = byTitle('Conversation 1');
    expect(conversation).toMatchObject({
      system_prompt: 'I am an engineer.\n\nBe brief.',
      model: 'gpt-5',
      created_at: '2023-11-14T22:13:21.500Z',
    });
    expect(conversation && shownBranch(conversation)).toEqual([
      'user: Plain text\nin two parts',
      'user: <cat.png> | What is this? | <notes.pdf>',
      'user: Spoken words | <file_voice> | <file_audio> | <file_video> | [Content of the type “hologram_pointer” is not supported.]\nPage, https://example.com\n\nIts text',
      `assistant: ${[
        '**Plan**\n\nFirst this.',
        'Thought for 14s',
        'python',
        '1',
        '```\na ``` fence\n```',
        'A result',
        'Quoted, https://example.com\n\nA quote',
        'Timeout: too slow',
        'A screen',
        '[Content of the type “text_from_the_future” is not supported.]',
        'Still readable',
      ].join(' | ')}`,
      'assistant: Done.',
      'user: Again?',
      'assistant: The second version 1',
    ]);
    const parts = conversation?.messages.flatMap(({ parts }) => parts) ?? [];
    expect(parts.find(({ type }) => type === 'attachment')).toEqual({
      type: 'attachment',
      attachment_id: null,
      name: 'cat.png',
      media_type: 'image/png',
      bytes: 1_234,
    });
    expect(parts.find(({ type }) => type === 'tool_call')).toEqual({
      type: 'tool_call',
      id: '0000-1-7',
      name: 'python',
      arguments: 'print(1)',
    });
    expect(parts.find(({ type }) => type === 'tool_result')).toEqual({ type: 'tool_result', id: '0000-1-7', text: '1' });
    const versions = conversation?.messages.filter(({ parentSourceId }) => parentSourceId === '0000-1-question');
    expect(versions?.map(({ sourceId, model }) => [sourceId, model])).toEqual([
      ['0000-1-first', 'gpt-5'],
      ['0000-1-second', 'gpt-5'],
    ]);
  });
});
