import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const volume = join(folder, 'volume');
  const given = join(folder, 'given');
  for (const each of [volume, given]) mkdirSync(each);
  const script = resolve(import.meta.dirname, 'write-secrets.mjs');
  /** Returns what the script reports. */
  const write = (expectedStatus = 0) => {
    const { status, stderr } = spawnSync(process.execPath, [script, volume, given], { encoding: 'utf8' });
    expect(status).toBe(expectedStatus);
    return stderr;
  };
  const read = (name: string) => readFileSync(join(volume, name), 'utf8').trim();
  const visible = () => readdirSync(volume).filter((name) => !name.startsWith('.'));
  return { write, read, visible, volume, give: (name: string, value: string) => writeFileSync(join(given, name), value), given };
}

it('makes random secrets once, for users of all containers', () => {
  const { write, read, visible, volume } = setUp();
  write();
  expect(visible()).toEqual(['DATABASE_URL', 'INTERNAL_TOKEN', 'POSTGRES_PASSWORD', 'REDIS_URL']);
  expect(read('INTERNAL_TOKEN')).toMatch(/^[0-9a-f]{64}$/);
  expect(read('DATABASE_URL')).toBe(`postgresql://prodigon:${read('POSTGRES_PASSWORD')}@database:5432/prodigon`);
  expect(read('.redis.conf')).toBe(`requirepass ${new URL(read('REDIS_URL')).password}\nsave ""`);
  expect(new URL(read('REDIS_URL'))).toMatchObject({ host: 'redis:6379', password: expect.stringMatching(/^[0-9a-f]{48}$/) });
  expect(statSync(join(volume, 'INTERNAL_TOKEN')).mode & 0o777).toBe(0o444);
  const before = visible().map(read);
  write();
  expect(visible().map(read)).toEqual(before);
});

it('passes the secrets of the operator on, and forgets those that the operator removes', () => {
  const { write, read, visible, give, given } = setUp();
  write();
  const token = read('INTERNAL_TOKEN');
  give('GROQ_API_KEY', 'gsk_1\n');
  give('INTERNAL_TOKEN', 'token-of-the-operator');
  give('README.md', 'no setting');
  give('.gitignore', '*');
  write();
  expect([read('GROQ_API_KEY'), read('INTERNAL_TOKEN')]).toEqual(['gsk_1', 'token-of-the-operator']);
  for (const name of ['GROQ_API_KEY', 'INTERNAL_TOKEN']) rmSync(join(given, name));
  write();
  expect(visible()).toEqual(['DATABASE_URL', 'INTERNAL_TOKEN', 'POSTGRES_PASSWORD', 'REDIS_URL']);
  expect(read('INTERNAL_TOKEN')).toBe(token);
});

it('creates the database with the password of the operator, and keeps it', () => {
  const { write, read, give } = setUp();
  give('POSTGRES_PASSWORD', 'of/the:operator');
  expect(write()).toBe('');
  expect(read('POSTGRES_PASSWORD')).toBe('of/the:operator');
  expect(new URL(read('DATABASE_URL')).password).toBe('of%2Fthe%3Aoperator');
  give('POSTGRES_PASSWORD', 'changed later');
  expect(write()).toBe('Ignored POSTGRES_PASSWORD: the database keeps the password that it was created with.\n');
  expect(read('POSTGRES_PASSWORD')).toBe('of/the:operator');
});

it.each([
  ['API_KEYS', ' , \n', 'secrets/API_KEYS is empty'],
  ['INTERNAL_TOKEN', '', 'secrets/INTERNAL_TOKEN is empty'],
  ['api_keys.txt', 'key-0123456789', 'secrets/api_keys.txt is not the name of a setting, such as API_KEYS'],
  ['API_KEYS', null, 'secrets/API_KEYS cannot be read (EISDIR)'],
])('fails for the file %s with %j, and lets no service start', (name, value, problem) => {
  const { write, visible, give, given } = setUp();
  write();
  if (value === null) mkdirSync(join(given, name));
  else give(name, value);
  expect(write(1)).toBe(`${problem}. Correct or remove the file, and start again.\n`);
  expect(visible()).not.toContain('INTERNAL_TOKEN');
});

it('replaces secrets that a full disk has left empty', () => {
  const { write, read, volume } = setUp();
  write();
  for (const name of ['.internal-token', 'POSTGRES_PASSWORD']) {
    rmSync(join(volume, name));
    writeFileSync(join(volume, name), '');
  }
  write();
  expect([read('INTERNAL_TOKEN').length, read('POSTGRES_PASSWORD').length]).toEqual([64, 48]);
});
