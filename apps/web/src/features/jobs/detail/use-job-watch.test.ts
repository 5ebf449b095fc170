import { describe, expect, it } from 'vitest';
import { createItemFixture } from '../job.test-support.ts';
import type { ItemChange } from './create-job-watch.ts';
import { applyChanges } from './use-job-watch.ts';

function changes(...items: ItemChange[]): Map<number, ItemChange> {
  return new Map(items.map((item) => [item.index, item]));
}

function change({ prompt, output, ...rest }: ReturnType<typeof createItemFixture>): ItemChange {
  return rest;
}

describe('applyChanges', () => {
  it('updates changed items and keeps their prompts and outputs', () => {
    const page = [createItemFixture({ index: 4, output: 'Because.' }), createItemFixture({ index: 5 })];
    const [first, second] = applyChanges(page, changes(change(createItemFixture({ index: 5, status: 'running', attempts: 1 }))));
    expect(first).toBe(page[0]);
    expect(second).toMatchObject({ status: 'running', attempts: 1, prompt: 'Why?' });
  });

  it('returns the same array if no item has changed', () => {
    const page = [createItemFixture({ index: 4 })];
    expect(applyChanges(page, changes(change(createItemFixture({ index: 9, status: 'running' }))))).toBe(page);
  });

  it('ignores events that are older than the item', () => {
    const page = [createItemFixture({ status: 'succeeded', attempts: 2, output: 'Because.' })];
    for (const status of ['running', 'pending'] as const) {
      expect(applyChanges(page, changes(change(createItemFixture({ status, attempts: 2 }))))[0]?.status).toBe('succeeded');
    }
    expect(applyChanges(page, changes(change(createItemFixture({ status: 'failed', attempts: 1 }))))[0]?.status).toBe(
      'succeeded',
    );
  });

  it('applies the start of another attempt', () => {
    const page = [createItemFixture({ status: 'retrying', attempts: 1 })];
    expect(applyChanges(page, changes(change(createItemFixture({ status: 'running', attempts: 2 }))))[0]?.status).toBe('running');
  });
});
