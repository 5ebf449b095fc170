import type { ConversationDetail, ConversationMessage, TurnEventData } from '@prodigon/contracts/conversations';
import { describe, expect, it } from 'vitest';
import { applyStart, type ConversationView, mergeEarlier, mergeLatest, messagesBefore } from './conversation-view.ts';
import type { LiveTurn } from './live-turn.ts';
import { chainOf, createConversation, createLiveTurn } from './state.test-support.ts';

const conversation = createConversation();
const idsOf = ({ messages }: { messages: readonly ConversationMessage[] }) => messages.map(({ id }) => id);
const detail = (messages: readonly ConversationMessage[], has_earlier: boolean): ConversationDetail => ({
  ...conversation,
  messages: [...messages],
  has_earlier,
});
const view = (messages: readonly ConversationMessage[], hasEarlier = false): ConversationView => ({
  conversation,
  messages,
  hasEarlier,
});

describe('mergeLatest', () => {
  const messages = chainOf('q1', 'r1', 'q2', 'r2');

  it('keeps the earlier messages that the loaded ones follow', () => {
    const merged = mergeLatest(view(messages.slice(0, 2)), detail(messages.slice(2), true));
    expect(idsOf(merged)).toEqual(['q1', 'r1', 'q2', 'r2']);
    expect(merged.hasEarlier).toBe(false);
  });

  it('drops messages of a branch that is no longer shown', () => {
    const other = chainOf('q1', 'r1b');
    expect(idsOf(mergeLatest(view(messages), detail(other, false)))).toEqual(['q1', 'r1b']);
  });

  it('starts again when messages between the known and the loaded ones are missing', () => {
    const merged = mergeLatest(view(messages.slice(0, 1)), detail(messages.slice(2), true));
    expect(idsOf(merged)).toEqual(['q2', 'r2']);
    expect(merged.hasEarlier).toBe(true);
  });
});

describe('mergeEarlier', () => {
  const messages = chainOf('q1', 'r1', 'q2', 'r2');

  it('prepends the messages before the first known one', () => {
    const merged = mergeEarlier(view(messages.slice(2), true), detail(messages.slice(0, 2), false));
    expect(idsOf(merged)).toEqual(['q1', 'r1', 'q2', 'r2']);
    expect(merged.hasEarlier).toBe(false);
  });

  it('ignores a page of another branch', () => {
    const before = view(messages.slice(2), true);
    expect(mergeEarlier(before, detail(chainOf('q0', 'r0'), false))).toBe(before);
  });
});

describe('messagesBefore', () => {
  const messages = chainOf('q1', 'r1', 'q2', 'r2');
  const idsBefore = (request: LiveTurn['request']) => messagesBefore(messages, request).map(({ id }) => id);

  it('keeps everything before a new question and a continuation', () => {
    expect(idsBefore({ content: 'next' })).toHaveLength(4);
    expect(idsBefore({ continue: 'r2' })).toHaveLength(4);
  });

  it('ends before an edited question, also the first one', () => {
    expect(idsBefore({ content: 'edited', parent_id: 'r1' })).toEqual(['q1', 'r1']);
    expect(idsBefore({ content: 'edited', parent_id: null })).toEqual([]);
  });

  it('ends with the question whose response is regenerated', () => {
    expect(idsBefore({ regenerate: 'r1' })).toEqual(['q1']);
    expect(idsBefore({ regenerate: 'q2' })).toEqual(['q1', 'r1', 'q2']);
  });
});

describe('applyStart', () => {
  const start = (changes: Partial<TurnEventData<'start'>> = {}): TurnEventData<'start'> => ({
    ...{ generation_id: 'g', model: 'm', request_id: 'r', conversation, user_message_id: 'q2', message_id: 'r2' },
    ...{ is_continuation: false, message_position: 0, omitted_messages: 0 },
    ...changes,
  });

  it('adds the question and its streaming response', () => {
    const { messages } = applyStart(view(chainOf('q1', 'r1')), createLiveTurn({ request: { content: 'next' } }), start());
    expect(messages.map(({ id, parent_id, status }) => [id, parent_id, status])).toEqual([
      ['q1', null, 'done'],
      ['r1', 'q1', 'done'],
      ['q2', 'r1', 'done'],
      ['r2', 'q2', 'streaming'],
    ]);
  });

  it('replaces a regenerated response by its sibling', () => {
    const turn = createLiveTurn({ request: { regenerate: 'r1' } });
    const { messages } = applyStart(
      view(chainOf('q1', 'r1', 'q2', 'r2')),
      turn,
      start({ user_message_id: 'q1', message_id: 'r1b' }),
    );
    expect(messages.map(({ id }) => id)).toEqual(['q1', 'r1b']);
    expect(messages[1]?.sibling_ids).toEqual(['r1', 'r1b']);
  });

  it('adds nothing to a conversation that the gateway has returned with the turn already', () => {
    const loaded = view(chainOf('q1', 'r1', 'q2', 'r2'));
    const { messages } = applyStart(loaded, createLiveTurn({ request: { content: 'next' } }), start());
    expect(messages.map(({ id }) => id)).toEqual(['q1', 'r1', 'q2', 'r2']);
    expect(messages[3]?.status).toBe('streaming');
  });
});
