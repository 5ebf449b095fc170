import { afterEach, describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { type ChatResponse, queuedResponse, type Turn } from './conversation.ts';
import { persistConversation, restoreConversation } from './conversation-storage.ts';
import type { ChatState } from './create-chat-store.ts';

const CONVERSATION_KEY = 'prodigon.conversation.1';

/** Creates a storage stub that holds at most `charactersMax` characters per item. */
function createStorage(items: Record<string, string> = {}, charactersMax = Number.POSITIVE_INFINITY) {
  const saved = new Map(Object.entries(items));
  return {
    saved,
    getItem: (key: string) => saved.get(key) ?? null,
    setItem(key: string, value: string) {
      if (value.length > charactersMax) throw new Error('QuotaExceededError');
      saved.set(key, value);
    },
  } as unknown as Storage & { saved: Map<string, string> };
}

const turnsIn = (turns: unknown) => createStorage({ [CONVERSATION_KEY]: JSON.stringify(turns) });

describe('restoreConversation', () => {
  it('reads the turns of version 0.1 and adds defaults for missing fields', () => {
    const answer = {
      state: 'done',
      text: 'Hello',
      reasoning: '',
      requestedAt: 1,
      model: 'm',
      usage: null,
      finish: null,
      failure: null,
    };
    const { turns } = restoreConversation(turnsIn([{ id: '1', prompt: 'Hi', model: null, answer }]));
    expect(turns).toEqual([
      {
        id: '1',
        prompt: 'Hi',
        model: null,
        response: { ...answer, fallbacks: [], omittedTurns: 0, warning: null },
        earlierResponses: [],
      },
    ]);
  });

  it('marks a response that was streaming as interrupted', () => {
    const { turns } = restoreConversation(turnsIn([{ id: '1', prompt: 'Hi', response: { state: 'streaming', text: 'Hel' } }]));
    expect(turns[0]?.response).toMatchObject({ state: 'interrupted', text: 'Hel' });
  });

  it('returns the draft even if the conversation is unreadable', () => {
    const storage = createStorage({ [CONVERSATION_KEY]: '{', 'prodigon.draft': 'half a thought' });
    expect(restoreConversation(storage)).toEqual({ turns: [], draft: 'half a thought' });
    expect(restoreConversation(createStorage())).toEqual({ turns: [], draft: '' });
  });
});

describe('persistConversation', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  function setUp(charactersMax?: number) {
    vi.useFakeTimers();
    const onPageHide = vi.fn();
    vi.stubGlobal('addEventListener', onPageHide);
    const storage = createStorage({}, charactersMax);
    const store = createStore<ChatState>()(() => ({ turns: [], draft: '' }) as unknown as ChatState);
    persistConversation(store, storage);
    const setResponse = (response: Partial<ChatResponse>, ids = ['1']) =>
      store.setState({
        turns: ids.map(
          (id): Turn => ({ id, prompt: id, model: null, earlierResponses: [], response: { ...queuedResponse, ...response } }),
        ),
      });
    const savedTurns = (): Turn[] => JSON.parse(storage.saved.get(CONVERSATION_KEY) ?? '[]');
    return { storage, store, setResponse, savedTurns, pageHide: () => onPageHide.mock.calls[0]?.[1]() };
  }

  it('saves the draft once for several keystrokes, and when the page is hidden', () => {
    const { storage, store, pageHide } = setUp();
    for (const draft of ['h', 'ha', 'half']) store.setState({ draft });
    expect(storage.saved.get('prodigon.draft')).toBeUndefined();
    vi.advanceTimersByTime(300);
    expect(storage.saved.get('prodigon.draft')).toBe('half');
    store.setState({ draft: 'whole' });
    pageHide();
    expect(storage.saved.get('prodigon.draft')).toBe('whole');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('saves finished responses immediately', () => {
    const { setResponse, savedTurns } = setUp();
    setResponse({ state: 'done', text: 'Hello' });
    expect(savedTurns()[0]?.response.text).toBe('Hello');
  });

  it('saves a streaming response every two seconds', () => {
    const { setResponse, savedTurns } = setUp();
    setResponse({ state: 'streaming', text: 'a' });
    vi.advanceTimersByTime(1_999);
    setResponse({ state: 'streaming', text: 'ab' });
    expect(savedTurns()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(savedTurns()[0]?.response.text).toBe('ab');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('saves everything when the page is hidden, and clears the timer', () => {
    const { setResponse, savedTurns, pageHide } = setUp();
    setResponse({ state: 'streaming', text: 'a' });
    pageHide();
    expect(savedTurns()[0]?.response.text).toBe('a');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('saves the newest turns that fit into the storage', () => {
    const { setResponse, savedTurns } = setUp(600);
    setResponse({ state: 'done', text: 'x'.repeat(300) }, ['1', '2', '3', '4']);
    expect(savedTurns().map(({ id }) => id)).toEqual(['4']);
  });
});
