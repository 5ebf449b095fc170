import { describe, expect, it } from 'vitest';
import { anItem } from '../job.test-support.ts';
import { type ItemChange, withChanges } from './use-job-watch.ts';

function changes(...items: ItemChange[]): Map<number, ItemChange> {
  return new Map(items.map((item) => [item.index, item]));
}

function change({ prompt, output, ...rest }: ReturnType<typeof anItem>): ItemChange {
  return rest;
}

describe('a page of items', () => {
  it('takes over what changed and keeps the prompts and answers that events do not bring', () => {
    const page = [anItem({ index: 4, output: 'Because.' }), anItem({ index: 5 })];
    const [first, second] = withChanges(page, changes(change(anItem({ index: 5, status: 'running', attempts: 1 }))));
    expect(first).toBe(page[0]);
    expect(second).toMatchObject({ status: 'running', attempts: 1, prompt: 'Why?' });
  });

  it('is the same page when nothing on it has changed', () => {
    const page = [anItem({ index: 4 })];
    expect(withChanges(page, changes(change(anItem({ index: 9, status: 'running' }))))).toBe(page);
  });

  it('is not set back by an event that is older than itself', () => {
    const page = [anItem({ status: 'succeeded', attempts: 2, output: 'Because.' })];
    for (const status of ['running', 'pending'] as const) {
      expect(withChanges(page, changes(change(anItem({ status, attempts: 2 }))))[0]?.status).toBe('succeeded');
    }
    expect(withChanges(page, changes(change(anItem({ status: 'failed', attempts: 1 }))))[0]?.status).toBe('succeeded');
  });

  it('goes on when a further attempt begins', () => {
    const page = [anItem({ status: 'retrying', attempts: 1 })];
    expect(withChanges(page, changes(change(anItem({ status: 'running', attempts: 2 }))))[0]?.status).toBe('running');
  });
});
