import { describe, expect, it } from 'vitest';
import { createDraftStore } from './draft-store.ts';
import { createStorage } from './state.test-support.ts';

const file = { id: 'a', name: 'notes.txt', kind: 'text' as const, media_type: 'text/plain', bytes: 3 };

function setUp(storage = createStorage()) {
  const due: (() => void)[] = [];
  const store = createDraftStore({ storage, schedule: (save) => void due.push(save) });
  return { storage, store, state: store.getState, due };
}

describe('createDraftStore', () => {
  it('keeps the draft of each conversation across a reload', () => {
    const { storage, store, state } = setUp();
    state().setText('one', 'half a thought');
    state().setAttachments('two', () => [file]);
    store.save();
    const { drafts } = setUp(storage).state();
    expect(drafts).toEqual({ one: { text: 'half a thought', attachments: [] }, two: { text: '', attachments: [file] } });
  });

  it('schedules one save for many keystrokes', () => {
    const { state, due } = setUp();
    for (const text of ['a', 'ab', 'abc']) state().setText('one', text);
    expect(due).toHaveLength(1);
  });

  it('does not overwrite the drafts that another tab has saved', () => {
    const storage = createStorage();
    const [here, there] = [setUp(storage), setUp(storage)];
    there.state().setText('two', 'there');
    there.store.save();
    here.state().setText('one', 'here');
    here.store.save();
    expect(Object.keys(setUp(storage).state().drafts).sort()).toEqual(['one', 'two']);
  });

  it('keeps the 50 drafts that changed last', () => {
    const { storage, store, state } = setUp();
    for (let number = 1; number <= 60; number += 1) state().setText(`c${number}`, 'text');
    state().setText('c1', 'changed last');
    store.save();
    const kept = Object.keys(setUp(storage).state().drafts);
    expect(kept).toHaveLength(50);
    expect(kept.at(-1)).toBe('c1');
  });

  it('appends to a draft without losing its text', () => {
    const { state } = setUp();
    state().setText('one', 'first');
    state().addToDraft('one', { text: 'second', attachments: [file] });
    expect(state().drafts.one).toEqual({ text: 'first\n\nsecond', attachments: [file] });
  });

  it('returns queued questions in their order, or by key, across a reload', () => {
    const { storage, state } = setUp();
    for (const key of ['a', 'b', 'c']) state().enqueue('one', { key, text: key, attachments: [] });
    const restored = setUp(storage).state;
    expect(restored().dequeue('one', 'b')?.text).toBe('b');
    expect(restored().dequeue('one')?.text).toBe('a');
    expect(restored().dequeue('one')?.text).toBe('c');
    expect(restored().dequeue('one')).toBeUndefined();
  });

  it('gives the queue of a new conversation to the one that was created', () => {
    const { state } = setUp();
    state().enqueue('new', { key: 'a', text: 'next', attachments: [] });
    state().setText('new', 'draft');
    state().move('new', 'one');
    expect(state().drafts).toEqual({ one: { text: 'draft', attachments: [] } });
    expect(state().dequeue('one')?.text).toBe('next');
  });
});
