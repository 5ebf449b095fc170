import { expect, it } from 'vitest';
import { dropPrivileges } from './drop-privileges.ts';

function createCredentials(uid: number) {
  const calls: string[] = [];
  const record = (name: string) => (value: unknown) => void calls.push(`${name} ${value}`);
  const credentials = {
    getuid: () => uid,
    setgroups: record('setgroups'),
    setgid: record('setgid'),
    setuid: record('setuid'),
  } as unknown as Parameters<typeof dropPrivileges>[1];
  return { calls, credentials };
}

it('gives up the groups of root before its user', () => {
  const { calls, credentials } = createCredentials(0);
  expect(dropPrivileges({ PRODIGON_SERVICE_USER: '70:71' }, credentials)).toBe(true);
  expect(calls).toEqual(['setgroups 71', 'setgid 71', 'setuid 70']);
});

it.each([
  ['without a user', 0, {}],
  ['with an invalid user', 0, { PRODIGON_SERVICE_USER: 'postgres' }],
  ['as another user than root', 1_000, { PRODIGON_SERVICE_USER: '70:71' }],
])('changes nothing %s', (_case, uid, env) => {
  const { calls, credentials } = createCredentials(uid);
  expect([dropPrivileges(env, credentials), calls]).toEqual([false, []]);
});
