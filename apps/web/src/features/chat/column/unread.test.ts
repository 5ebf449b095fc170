import { expect, it } from 'vitest';
import { createStorage } from '../state/state.test-support.ts';
import { createUnread } from './unread.ts';

const listed = (generating: boolean, id = 'a') => [{ id, generating }];

it('marks a response that ends while its conversation is not open, also across a reload', () => {
  const storage = createStorage();
  createUnread(storage).update(listed(true), 'other');
  const unread = createUnread(storage);
  unread.update(listed(false), 'other');
  expect(unread.getState().unread).toEqual(['a']);
  expect(createUnread(storage).getState().unread).toEqual(['a']);
});

it('does not mark a response that ends in the open conversation, and unmarks a conversation that opens', () => {
  const unread = createUnread(createStorage());
  unread.update(listed(true), 'a');
  unread.update(listed(false), 'a');
  expect(unread.getState().unread).toEqual([]);
  unread.update(listed(true), undefined);
  unread.update(listed(false), undefined);
  expect(unread.getState().unread).toEqual(['a']);
  unread.update(listed(false), 'a');
  expect(unread.getState().unread).toEqual([]);
});

it('waits for conversations that the list does not contain', () => {
  const unread = createUnread(createStorage());
  unread.update(listed(true), undefined);
  unread.update([], undefined);
  expect(unread.getState()).toEqual({ running: ['a'], unread: [] });
  unread.update(listed(false), undefined);
  expect(unread.getState()).toEqual({ running: [], unread: ['a'] });
});
