import type { ApiKey, Caller } from '@prodigon/contracts';
import { describe, expect, it } from 'vitest';
import { createKey } from './api-key.test-support.ts';
import { canCreateKeys, keyRights } from './key-rights.ts';

const caller = (role: Caller['role'], key: ApiKey | null): Caller => ({ owner: 'ada', role, key, requires_key: true });
const ALL = { canEdit: true, canRotate: true, canRevoke: true };
const NONE = { canEdit: false, canRotate: false, canRevoke: false };

const own = createKey({ id: 'own' });
const restricted = createKey({ id: 'own', limits: { requests_per_min: 60, tokens_per_min: null, streams: null } });
const child = createKey({ id: 'child', parent_id: 'own' });
const sibling = createKey({ id: 'sibling' });

describe('keyRights', () => {
  it('lets admins manage all keys but those of the environment, and not revoke their own', () => {
    expect(keyRights(sibling, caller('admin', own))).toEqual(ALL);
    expect(keyRights(sibling, caller('admin', null))).toEqual(ALL);
    expect(keyRights(own, caller('admin', own))).toEqual({ ...ALL, canRevoke: false });
    const environment = createKey({ id: 'environment:ops' });
    expect(keyRights(environment, caller('admin', environment))).toEqual(NONE);
  });

  it('lets members manage the keys that their own key created', () => {
    expect(keyRights(child, caller('member', restricted))).toEqual(ALL);
    expect(keyRights(sibling, caller('member', restricted))).toEqual(NONE);
    expect(keyRights(own, caller('member', child))).toEqual(NONE);
  });

  it('lets members without restrictions manage all keys of members', () => {
    expect(keyRights(sibling, caller('member', own))).toEqual(ALL);
    expect(keyRights(createKey({ id: 'admin', role: 'admin' }), caller('member', own))).toEqual(NONE);
  });

  it('lets members rotate their own key only', () => {
    expect(keyRights(own, caller('member', own))).toEqual({ ...NONE, canRotate: true });
  });
});

describe('canCreateKeys', () => {
  it('is false for members whose key another key created', () => {
    expect(canCreateKeys(caller('admin', null))).toBe(true);
    expect(canCreateKeys(caller('member', own))).toBe(true);
    expect(canCreateKeys(caller('member', child))).toBe(false);
  });
});
