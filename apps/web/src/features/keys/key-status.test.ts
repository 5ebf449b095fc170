import { describe, expect, it } from 'vitest';
import { createKey } from './api-key.test-support.ts';
import { expiryLabel, hasNamesake, isRestorable, keyState, lastUsedLabel, parentName } from './key-status.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const at = (ms: number) => new Date(NOW + ms).toISOString();

describe('keyState', () => {
  const expired = createKey({ id: 'parent', expires_at: at(0) });
  it.each([
    ['active', createKey(), []],
    ['active', createKey({ expires_at: at(1) }), []],
    ['expired', expired, []],
    ['revoked', createKey({ revoked_at: at(-1), expires_at: at(-1) }), []],
    ['suspended', createKey({ parent_id: 'parent' }), [expired]],
    ['active', createKey({ parent_id: 'parent' }), [createKey({ id: 'parent' })]],
    ['active', createKey({ parent_id: 'parent' }), []],
  ] as const)('returns %s (case %#)', (state, key, keys) => {
    expect(keyState(key, keys, NOW)).toBe(state);
  });
});

describe('parentName', () => {
  it('is the name of the key that created a key, or its id', () => {
    const child = createKey({ id: 'child', parent_id: 'parent' });
    expect(parentName(child, [child, createKey({ id: 'parent', name: 'laptop' })])).toBe('laptop');
    expect(parentName(child, [child])).toBe('parent');
    expect(parentName(createKey(), [createKey()])).toBeNull();
  });
});

describe('hasNamesake', () => {
  it('is true for another key with the same name and owner', () => {
    const key = createKey();
    expect(hasNamesake(key, [key, createKey({ id: 'other' })])).toBe(true);
    expect(hasNamesake(key, [key, createKey({ id: 'other', owner: 'grace' })])).toBe(false);
    expect(hasNamesake(key, [key, createKey({ id: 'other', name: 'laptop' })])).toBe(false);
  });
});

describe('isRestorable', () => {
  it('is true for ten minutes after the revocation', () => {
    expect(isRestorable(createKey(), NOW)).toBe(false);
    expect(isRestorable(createKey({ revoked_at: at(-599_999) }), NOW)).toBe(true);
    expect(isRestorable(createKey({ revoked_at: at(-600_000) }), NOW)).toBe(false);
  });
});

describe('lastUsedLabel', () => {
  it('is the age in its largest unit', () => {
    expect(lastUsedLabel(createKey(), NOW)).toBe('Never used');
    expect(lastUsedLabel(createKey({ last_used_at: at(-119_000) }), NOW)).toBe('Used just now');
    expect(lastUsedLabel(createKey({ last_used_at: at(-3_700_000) }), NOW)).toBe('Used 1 h ago');
  });
});

describe('expiryLabel', () => {
  it('says in how long the key expires, or how long ago it did', () => {
    expect(expiryLabel(createKey(), NOW)).toBe('Never expires');
    expect(expiryLabel(createKey({ expires_at: at(90_000_000) }), NOW)).toBe('Expires in 1 d');
    expect(expiryLabel(createKey({ expires_at: at(-90_000) }), NOW)).toBe('Expired 1 min ago');
  });
});
