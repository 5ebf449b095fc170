import type { Conversation, MessagePart } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { createTurnRequest, type ReadAttachments, type TurnRequestOptions } from './conversation-history.ts';
import { MODEL } from './turns.test-support.ts';

type History = TurnRequestOptions['started']['history'];
const message = (role: History[number]['role'], ...parts: (string | MessagePart)[]): History[number] => ({
  id: crypto.randomUUID(),
  role,
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const reasoning = (text: string): MessagePart => ({ type: 'reasoning', text });
const FILE: MessagePart = { type: 'attachment', attachment_id: null, name: 'notes.txt', media_type: 'text/plain', bytes: 5 };

function create(
  history: History,
  {
    conversation = {},
    turn = {},
    model = {},
    readAttachments = async () => [],
    ...started
  }: {
    conversation?: Partial<Conversation>;
    turn?: TurnRequestOptions['turn'];
    model?: Partial<TurnRequestOptions['model']>;
    readAttachments?: ReadAttachments;
    isContinuation?: boolean;
    olderMessages?: number;
  } = {},
) {
  return createTurnRequest({
    ownerId: 'ada',
    turn,
    started: {
      conversation: { system_prompt: null, max_tokens: null, temperature: null, ...conversation } as Conversation,
      history,
      olderMessages: 0,
      isContinuation: false,
      ...started,
    },
    model: { ...MODEL, ...model },
    readAttachments,
  });
}

describe('the request of a turn', () => {
  it('has the system prompt, the turns and the options of the conversation', async () => {
    const history = [message('user', 'one'), message('assistant', reasoning('hm'), 'first'), message('user', 'two')];
    const conversation = { system_prompt: 'Be brief.', max_tokens: 50, temperature: 0.5 };
    expect(await create(history, { conversation })).toEqual({
      chat: {
        model: 'fake',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'first' },
          { role: 'user', content: 'two' },
        ],
        max_tokens: 50,
        temperature: 0.5,
      },
      omittedMessages: 0,
    });
    const { chat } = await create(history, { conversation, turn: { max_tokens: 7, temperature: 0 } });
    expect(chat).toMatchObject({ max_tokens: 7, temperature: 0 });
  });

  it('leaves out the oldest turns that do not fit beside the output, and counts their messages', async () => {
    const turns = Array.from({ length: 5 }, (_, index) => [
      message('user', `${index}${'q'.repeat(99)}`),
      message('assistant', 'a'.repeat(100)),
    ]);
    const history = [...turns.flat(), message('user', 'last')];
    // 250 tokens without the output are 1,000 characters: four turns and the question are 804.
    const { chat, omittedMessages } = await create(history, {
      model: { contextTokens: 350, outputTokensMax: 100 },
      olderMessages: 6,
    });
    expect([chat.messages.length, omittedMessages]).toEqual([9, 8]);
    expect(chat.messages[0]).toMatchObject({ content: expect.stringMatching(/^1q/) });
    // At most half of the context is for the output: 700 characters are three turns and the question.
    const model = { contextTokens: 350, outputTokensMax: 300 };
    const { omittedMessages: withMore } = await create(history, { model, turn: { max_tokens: 200 } });
    expect(withMore).toBe(4);
  });

  it('includes the question, however small the context is', async () => {
    const history = [message('user', 'one'), message('assistant', 'first'), message('user', 'x'.repeat(10_000))];
    const { chat, omittedMessages } = await create(history, { model: { contextTokens: 10, outputTokensMax: 10 } });
    expect([chat.messages.length, omittedMessages]).toEqual([1, 2]);
  });

  it('includes everything when the context of the model is unknown', async () => {
    const history = [message('user', 'x'.repeat(1_000_000)), message('assistant', 'a'), message('user', 'b')];
    const { chat } = await create(history, { model: { contextTokens: null, outputTokensMax: null } });
    expect(chat.messages).toHaveLength(3);
  });

  it('leaves out questions whose responses failed without any text', async () => {
    const failed = [message('user', 'one'), message('assistant', reasoning('hm'))];
    const { chat, omittedMessages } = await create([...failed, message('user', 'two')]);
    expect([chat.messages, omittedMessages]).toEqual([[{ role: 'user', content: 'two' }], 0]);
  });

  it('asks to continue a response after its text', async () => {
    const { chat } = await create([message('user', 'one'), message('assistant', 'half')], { isContinuation: true });
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(chat.messages.at(-1)?.content).toContain('Continue exactly');
  });

  it('includes the content of attachments, which counts towards the context', async () => {
    const spaces: number[] = [];
    const readAttachments: ReadAttachments = async (attachments, { charactersMax, ownerId }) => {
      expect([ownerId, attachments]).toEqual(['ada', [FILE]]);
      spaces.push(charactersMax);
      return [{ type: 'text', text: 'n'.repeat(900) }];
    };
    const history = [message('user', FILE, 'old'), message('assistant', 'a'), message('user', FILE, 'new')];
    const { chat, omittedMessages } = await create(history, {
      readAttachments,
      model: { contextTokens: 400, outputTokensMax: 100 },
    });
    expect(chat.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'n'.repeat(900) },
          { type: 'text', text: 'new' },
        ],
      },
    ]);
    expect([omittedMessages, spaces[0]]).toEqual([2, 1_197]);
  });
});
