/** `single`: the only `conversations.json` of earlier years. `sharded`: one of today's many files. */
export type ExportShape = 'single' | 'sharded';

/** A content of every type that exports of ChatGPT have, by the role of its author. */
export const CONTENTS: readonly { role: string; content: object; recipient?: string; metadata?: object; name?: string }[] = [
  { role: 'user', content: { content_type: 'text', parts: ['Plain text', 'in two parts'] } },
  {
    role: 'user',
    content: {
      content_type: 'multimodal_text',
      parts: [
        { content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-cat', size_bytes: 1_234 },
        'What is this?',
      ],
    },
    metadata: {
      attachments: [
        { id: 'file-cat', name: 'cat.png', mime_type: 'image/png', size: 1_234 },
        { id: 'file-doc', name: 'notes.pdf' },
      ],
    },
  },
  {
    role: 'user',
    content: {
      content_type: 'multimodal_text',
      parts: [
        { content_type: 'audio_transcription', text: 'Spoken words' },
        {
          content_type: 'real_time_user_audio_video_asset_pointer',
          audio_asset_pointer: { asset_pointer: 'sediment://file_voice' },
        },
        { content_type: 'audio_asset_pointer', asset_pointer: 'sediment://file_audio', size_bytes: 9 },
        { content_type: 'video_container_asset_pointer', asset_pointer: 'sediment://file_video' },
        { content_type: 'hologram_pointer' },
        { content_type: 'sonic_webpage', title: 'Page', url: 'https://example.com', text: 'Its text' },
      ],
    },
  },
  {
    role: 'user',
    content: { content_type: 'user_editable_context', user_profile: 'I am an engineer.', user_instructions: 'Be brief.' },
    metadata: { is_visually_hidden_from_conversation: true },
  },
  { role: 'assistant', content: { content_type: 'model_editable_context', model_set_context: '' } },
  {
    role: 'assistant',
    content: { content_type: 'thoughts', thoughts: [{ summary: 'Plan', content: 'First this.' }], source_analysis_msg_id: 'x' },
  },
  { role: 'assistant', content: { content_type: 'reasoning_recap', content: 'Thought for 14s' } },
  { role: 'assistant', content: { content_type: 'code', language: 'python', text: 'print(1)' }, recipient: 'python' },
  { role: 'tool', name: 'python', content: { content_type: 'execution_output', text: '1' } },
  { role: 'assistant', content: { content_type: 'code', language: 'unknown', text: 'a ``` fence' } },
  { role: 'tool', name: 'browser', content: { content_type: 'tether_browsing_display', result: 'A result', summary: '' } },
  {
    role: 'tool',
    name: 'browser',
    content: { content_type: 'tether_quote', url: 'https://example.com', title: 'Quoted', text: 'A quote' },
  },
  { role: 'tool', name: 'python', content: { content_type: 'system_error', name: 'Timeout', text: 'too slow' } },
  { role: 'assistant', content: { content_type: 'computer_output', result: 'A screen' } },
  { role: 'assistant', content: { content_type: 'text_from_the_future', text: 'Still readable' } },
  { role: 'system', content: { content_type: 'text', parts: [''] }, metadata: { is_visually_hidden_from_conversation: true } },
  { role: 'assistant', content: { content_type: 'text', parts: ['Done.\ue200cite\ue202turn0search0\ue201'] } },
];

export interface GeneratedConversation {
  readonly value: object;
  /** The last text of the branch that the user had chosen; null for a broken conversation. */
  readonly shownText: string | null;
}

/** Generates a conversation with one content of every type, and two versions of an answer of which one is chosen. */
export function chatGptConversation(number: number, shape: ExportShape): GeneratedConversation {
  const id = `0000-${number}`;
  const chosen = number % 2 === 0 ? 'first' : 'second';
  const mapping: Record<string, object> = {
    [`${id}-root`]: { id: `${id}-root`, message: null, parent: null, children: [`${id}-0`] },
  };
  const nodeOf = (key: string, parent: string, children: string[], message: object) => {
    mapping[`${id}-${key}`] = {
      id: `${id}-${key}`,
      parent: `${id}-${parent}`,
      children: children.map((child) => `${id}-${child}`),
      message: {
        id: `${id}-${key}`,
        status: 'finished_successfully',
        create_time: 1_700_000_000 + number,
        recipient: 'all',
        ...message,
      },
    };
  };
  CONTENTS.forEach(({ role, name, content, recipient, metadata }, index) => {
    const isLast = index === CONTENTS.length - 1;
    const isWithoutMetadata = shape === 'sharded' && role === 'user' && !metadata;
    nodeOf(String(index), index === 0 ? 'root' : String(index - 1), isLast ? ['question'] : [String(index + 1)], {
      author: { role, name: name ?? null, metadata: {} },
      content,
      ...(recipient && { recipient }),
      ...(!isWithoutMetadata && {
        metadata: { ...(shape === 'single' && role === 'assistant' && { model_slug: 'gpt-4' }), ...metadata },
      }),
    });
  });
  nodeOf('question', String(CONTENTS.length - 1), ['first', 'second'], {
    author: { role: 'user' },
    content: { content_type: 'text', parts: ['Again?'] },
  });
  for (const version of ['first', 'second'])
    nodeOf(version, 'question', [], {
      author: { role: 'assistant' },
      content: { content_type: 'text', parts: [`The ${version} version ${number}`] },
      ...(shape === 'single' && { metadata: { model_slug: 'gpt-4' } }),
    });
  const value = {
    title: `Conversation ${number}`,
    create_time: 1_700_000_000.5 + number,
    update_time: 1_700_000_100 + number,
    mapping: Object.fromEntries(Object.entries(mapping).reverse()),
    current_node: `${id}-${chosen}`,
    conversation_id: id,
    id,
    is_archived: number % 10 === 0,
    ...(shape === 'sharded' && { default_model_slug: 'gpt-5' }),
  };
  return { value, shownText: `The ${chosen} version ${number}` };
}

/** Conversations that cannot be imported, by their title. */
export const BROKEN: Readonly<Record<string, object>> = {
  'Without mapping': { title: 'Without mapping', current_node: 'a', id: 'broken-1' },
  'Mapping is a list': { title: 'Mapping is a list', mapping: [], current_node: 'a', id: 'broken-2' },
  'Without messages': {
    title: 'Without messages',
    mapping: { root: { id: 'root', message: null, parent: null, children: [] } },
    id: 'broken-3',
  },
};
