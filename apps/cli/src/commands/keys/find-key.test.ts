import { describe, expect, it } from 'vitest';
import { runInProcess } from '../../run-prodigon.test-support.ts';
import { asKeys, createKeyFixture, jsonResponse, KEY_ID, OTHER_ID, startKeysGateway } from './run-keys.test-support.ts';

const REVOKED = '2026-01-01T12:00:00.000Z';

describe('a key named by its name', () => {
  const twins = asKeys({ id: OTHER_ID }, { revoked_at: REVOKED });

  it.each([
    ['show', OTHER_ID],
    ['revoke', OTHER_ID],
    ['restore', KEY_ID],
  ])('is for keys %s the one with id %s, of a revoked and an active key', async (command, id) => {
    const { run, lines } = await startKeysGateway(twins, jsonResponse(createKeyFixture()));
    expect((await run([command, 'batch'])).code).toBe(0);
    expect(lines()[1]).toMatch(new RegExp(`/${id}$`));
  });

  it('can be revoked already', async () => {
    const { run } = await startKeysGateway(asKeys({ revoked_at: REVOKED }), jsonResponse(createKeyFixture()));
    expect((await run(['show', 'batch'])).code).toBe(0);
  });

  it('must be unique', async () => {
    const { run } = await startKeysGateway(asKeys({}, { id: OTHER_ID, owner: 'grace' }));
    const { code, stderr } = await run(['show', 'batch']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `Give the id of one of them:\n  ${KEY_ID} of ada\n  ${OTHER_ID} of grace\nSee: ./prodigon help keys show\n`,
    );
  });

  it('must exist', async () => {
    const { run } = await startKeysGateway(asKeys({}));
    expect(await run(['revoke', 'bach'])).toEqual({ code: 1, stdout: '', stderr: 'There is no key "bach".\n' });
    expect(await run(['revoke'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^Give the name or the id of one key\./),
    });
  });

  it('is completed by the shell, revoked ones only for restore', async () => {
    const { baseUrl, folder } = await startKeysGateway(asKeys({}, { name: 'two words' }, { name: 'old', revoked_at: REVOKED }));
    const port = new URL(baseUrl).port;
    const complete = async (env: NodeJS.ProcessEnv, ...words: string[]) =>
      (await runInProcess(['__complete', 'keys', ...words], { DATA_DIR: folder, ...env }, { rootDirectory: folder }).ended)
        .stdout;
    expect(await complete({ GATEWAY_PORT: port }, 'show', '')).toBe('batch\t\n');
    expect(await complete({ GATEWAY_PORT: port }, 'restore', '')).toBe('old\t\n');
    expect(await complete({ GATEWAY_PORT: port }, 'show', 'batch', '')).toBe('\n');
    expect(await complete({ GATEWAY_PORT: '9' }, 'show', '')).toBe('\n');
  });
});
