import { join } from 'node:path';
import { createApiClient } from '@prodigon/api-client';
import { createdApiKeySchema } from '@prodigon/contracts';
import { copyClusterTemplate } from '@prodigon/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CliFixture, createCliFixture } from './run-prodigon.test-support.ts';

let fixture: CliFixture;
let url: string;
let startMessage: string;
beforeAll(async () => {
  fixture = createCliFixture({ REQUIRE_API_KEY: 'on' });
  await copyClusterTemplate(fixture.env.DATA_DIR);
  const started = await fixture.start('--topology', 'monolith');
  url = started.url;
  startMessage = started.command.stdout();
});
afterAll(() => fixture?.close());

const ownerWith = async (key: string) => (await createApiClient({ baseUrl: url, apiKey: () => key }).me()).owner;

async function createKey(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await fixture.run('keys', 'create', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^Created /) });
  return stdout.trim();
}

it('reports the model and how to create the first key when it starts', () => {
  expect(startMessage).toContain('Model   prodigon-tutor, ');
  expect(startMessage).toContain('Keys    none yet: ./prodigon keys create <name> --owner <owner> --role admin');
});

it('creates the first key on the machine of the platform, without a key', async () => {
  await expect(createApiClient({ baseUrl: url }).me()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const value = await createKey('first', '--owner', 'ada');
  expect(value).toMatch(/^prodigon_\S+$/);
  expect(await ownerWith(value)).toBe('ada');
});

it('gives other commands on that machine access as well', async () => {
  expect(await fixture.run('models')).toMatchObject({ code: 0 });
  expect(await fixture.run('jobs', 'list')).toMatchObject({ code: 0, stderr: expect.stringContaining('No jobs yet.') });
});

it('manages only the keys of the own owner with PRODIGON_API_KEY', async () => {
  await createKey('of-grace', '--owner', 'grace');
  const member = await createKey('of-alan', '--owner', 'alan');
  fixture.env.PRODIGON_API_KEY = member;
  try {
    const listed = await fixture.run('keys', 'list');
    expect(listed.stdout).toContain('of-alan');
    expect(listed.stdout).not.toContain('of-grace');
    expect(await fixture.run('keys', 'create', 'more', '--owner', 'grace')).toMatchObject({ code: 1, stdout: '' });
  } finally {
    delete fixture.env.PRODIGON_API_KEY;
  }
});

it('rotates a key with an overlap and without one', async () => {
  const first = await createKey('rotated', '--owner', 'rosa');
  const { stdout: second } = await fixture.run('keys', 'rotate', 'rotated', '--overlap', '1h');
  for (const value of [first, second.trim()]) expect(await ownerWith(value)).toBe('rosa');
  const { stdout: third } = await fixture.run('keys', 'rotate', 'rotated', '--overlap', '0s');
  expect(await ownerWith(third.trim())).toBe('rosa');
  for (const value of [first, second.trim()]) await expect(ownerWith(value)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

it('revokes a key immediately, and restores it', async () => {
  const value = await createKey('revoked', '--owner', 'rob');
  expect(await fixture.run('keys', 'revoke', 'revoked')).toMatchObject({ code: 0 });
  await expect(ownerWith(value)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect((await fixture.run('keys', 'list', '--all')).stdout).toMatch(/revoked +rob +member +Revoked/);
  expect(await fixture.run('keys', 'restore', 'revoked')).toMatchObject({ code: 0 });
  expect(await ownerWith(value)).toBe('rob');
});

it('stores the limits, the budget and the models of a key, and changes and shows them', async () => {
  const options = ['--streams', '2', '--tokens-per-day', '5000', '--models', 'prodigon-sim', '--expires', '30d', '--json'];
  const { stdout } = await fixture.run('keys', 'create', 'limited', ...options);
  const created = createdApiKeySchema.parse(JSON.parse(stdout));
  expect(created).toMatchObject({ owner: 'local', limits: { streams: 2 }, models: ['prodigon-sim'] });
  const changes = ['--streams', 'none', '--usd-per-day', '1.5', '--models', 'all'];
  expect(await fixture.run('keys', 'update', 'limited', ...changes)).toMatchObject({ code: 0 });
  expect(JSON.parse((await fixture.run('keys', 'show', 'limited', '--json')).stdout)).toMatchObject({
    id: created.id,
    expires_at: created.expires_at,
    limits: { streams: null },
    budget: { usd_per_day: 1.5, tokens_per_day: 5_000 },
    models: null,
  });
});

it('makes a restored key valid by a rotation', async () => {
  const value = await createKey('backed-up', '--owner', 'bea', '--tokens-per-month', '1000');
  const file = join(fixture.folder, 'keys.gz');
  const backup = await fixture.run('backup', file);
  expect(backup).toMatchObject({ code: 0, stderr: expect.stringContaining('API keys without the hashes of their values') });
  expect(await fixture.run('stop')).toMatchObject({ code: 0 });
  const restored = await fixture.run('restore', '--replace', file);
  expect(restored).toMatchObject({ code: 0, stderr: expect.stringContaining('No restored API key is valid yet.') });
  ({ url } = await fixture.start('--topology', 'monolith'));

  await expect(ownerWith(value)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  const rotated = await fixture.run('keys', 'rotate', 'backed-up');
  expect(rotated).toMatchObject({ code: 0, stderr: expect.stringContaining('The previous value is no longer valid.') });
  expect(await ownerWith(rotated.stdout.trim())).toBe('bea');
  expect((await fixture.run('keys', 'show', 'backed-up')).stdout).toContain('of 1,000 tokens');
});
