import type { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { listMigrations, qualifiedName, sortByReferences } from './database-tables.ts';

describe('sortByReferences', () => {
  const table = (id: string, ...refers_to: string[]) => ({ id, refers_to });
  const order = (...tables: ReturnType<typeof table>[]) => sortByReferences(tables).map(({ id }) => id);

  it('keeps the order of tables without references', () => {
    expect(order(table('b'), table('a'), table('c'))).toEqual(['b', 'a', 'c']);
  });

  it('moves each table behind all tables that it references, directly or not', () => {
    expect(order(table('items', 'jobs', 'workers'), table('jobs', 'owners'), table('workers'), table('owners'))).toEqual([
      ...['owners', 'jobs', 'workers', 'items'],
    ]);
  });

  it('lists each table once, even when tables reference themselves or each other', () => {
    expect(order(table('self', 'self'))).toEqual(['self']);
    expect(order(table('a', 'b'), table('b', 'a'), table('c', 'a')).sort()).toEqual(['a', 'b', 'c']);
  });

  it('ignores references to tables of other schemas', () => {
    expect(order(table('a', 'elsewhere'))).toEqual(['a']);
  });
});

it('quotes the schema and the name of a table', () => {
  expect(qualifiedName({ schema: 'worker', name: 'odd"name' })).toBe('"worker"."odd""name"');
});

describe('listMigrations', () => {
  const list = (...results: object[][]) => {
    const client = { query: async () => ({ rows: results.shift() ?? [] }) };
    return listMigrations(client as unknown as Client);
  };

  it('returns the names of the applied migrations', async () => {
    expect(await list([{ exists: true }], [{ name: '0001-batch-jobs' }, { name: '0002-usage' }])).toEqual([
      ...['0001-batch-jobs', '0002-usage'],
    ]);
  });

  it('returns none for a database that was never migrated', async () => {
    expect(await list([{ exists: false }], [{ name: 'unexpected' }])).toEqual([]);
  });
});
