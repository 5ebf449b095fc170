import { describe, expect, it } from 'vitest';
import {
  asCaller,
  asKeys,
  createCreatedKeyFixture,
  createKeyFixture,
  errorResponse,
  jsonResponse,
  KEY_ID,
  OTHER_ID,
  startKeysGateway,
  VALUE,
} from './run-keys.test-support.ts';

const REVOKED = '2026-01-01T12:00:00.000Z';
const created = () => jsonResponse(createCreatedKeyFixture(), 201);

describe('keys create', () => {
  it('prints only the value of the key to standard output', async () => {
    const { run, requests } = await startKeysGateway(asCaller(true), created());
    expect(await run(['create', 'batch', '--owner', 'ada'], { PRODIGON_API_KEY: 'a-key-of-an-admin' })).toEqual({
      code: 0,
      stdout: `${VALUE}\n`,
      stderr: 'Created the key "batch" of ada. This is the only time that its value is shown:\n',
    });
    expect(requests.map(({ line, headers }) => [line, headers.authorization])).toEqual([
      ['GET /api/v1/me', 'Bearer a-key-of-an-admin'],
      ['POST /api/v1/keys', 'Bearer a-key-of-an-admin'],
    ]);
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({ name: 'batch', owner: 'ada', limits: {}, budget: {} });
  });

  it('sends the role, the expiry, the limits, the budget and the models', async () => {
    const { run, requests } = await startKeysGateway(asCaller(true), created());
    const limits = ['--requests-per-minute=60', '--tokens-per-minute=10000', '--streams', '4'];
    const budget = ['--usd-per-day=0.5', '--usd-per-month', '5', '--tokens-per-day=1000', '--tokens-per-month=20000'];
    const others = ['--role', 'admin', '--expires', '2999-01-31', '--models', 'prodigon-sim, prodigon-tutor'];
    expect((await run(['create', 'two words', ...limits, ...budget, ...others])).code).toBe(0);
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
      name: 'two words',
      role: 'admin',
      expires_at: '2999-01-31T00:00:00.000Z',
      limits: { requests_per_min: 60, tokens_per_min: 10_000, streams: 4 },
      budget: { usd_per_day: 0.5, usd_per_month: 5, tokens_per_day: 1_000, tokens_per_month: 20_000 },
      models: ['prodigon-sim', 'prodigon-tutor'],
    });
  });

  it('reports a platform that accepts calls without a key', async () => {
    const { run } = await startKeysGateway(asCaller(false), created());
    const { stdout, stderr } = await run(['create', 'batch']);
    expect(stdout).toBe(`${VALUE}\n`);
    expect(stderr).toMatch(
      /also accepts calls without a key\. To require a key, set REQUIRE_API_KEY=on and restart the platform\.\n$/,
    );
  });

  it('prints the key with its value as JSON', async () => {
    const { run } = await startKeysGateway(asCaller(false), created());
    const { stdout, stderr } = await run(['create', 'batch', '--json']);
    expect([JSON.parse(stdout), stderr]).toEqual([createCreatedKeyFixture(), '']);
  });

  it.each([
    [[], 'Give one name for the key, in quotes if it has spaces.'],
    [['two', 'words'], 'Give one name for the key, in quotes if it has spaces.'],
    [['x', '--role', 'owner'], '--role must be member or admin, not "owner".'],
    [['x', '--streams', '1.5'], '--streams takes a whole number above 0, not "1.5".'],
    [['x', '--usd-per-day', '0'], '--usd-per-day takes a number above 0, not "0".'],
    [['x', '--tokens-per-day', 'many'], '--tokens-per-day takes a number, not "many".'],
    [['x', '--models', 'a,,b'], '--models takes all, or ids or aliases of models, separated by commas, not "a,,b".'],
    [['x', '--models', 'none'], '--models takes all, or ids or aliases of models, separated by commas, not "none".'],
    [['x', '--expires', 'soon'], '--expires takes 30d, 12h, 45m or a date such as 2027-01-31, not "soon".'],
    [['x', '--expires', '2026-02-31T'], '--expires takes 30d, 12h, 45m or a date such as 2027-01-31, not "2026-02-31T".'],
    [['x', '--expires', '2020-01-01'], '--expires must be in the future, not "2020-01-01".'],
    [['x', '--expires', '0d'], '--expires must be in the future, not "0d".'],
  ])('explains why %j is invalid, and creates nothing', async (args, message) => {
    const { run, lines } = await startKeysGateway(asCaller(true), created());
    expect(await run(['create', ...args])).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(lines()).toEqual([]);
  });
});

describe('keys list', () => {
  const busy = {
    last_used_at: '2026-01-01T10:00:00.000Z',
    limits: { requests_per_min: 60, tokens_per_min: 10_000, streams: 1 },
    budget: { usd_per_day: 5, usd_per_month: null, tokens_per_day: null, tokens_per_month: 2_000_000 },
    spending: {
      day: { tokens: 1_200, usd: 0.125, resets_at: '2026-01-02T00:00:00.000Z' },
      month: { tokens: 250_000, usd: 12, resets_at: '2026-02-01T00:00:00.000Z' },
    },
  };

  it('shows the spending with the budget, and the limits', async () => {
    const { run } = await startKeysGateway(asKeys(busy, { id: 'environment:ci', name: 'ci', owner: 'ci', spending: null }));
    const { stdout, stderr } = await run(['list']);
    expect(stderr).toBe('');
    const [headings, first, second] = stdout.split('\n');
    expect(headings).toMatch(
      /^ {2}NAME +OWNER +ROLE +STATUS +LAST USED +EXPIRES +TODAY \(UTC\) +THIS MONTH +LIMITS +MODELS +ID$/,
    );
    expect(first).toMatch(/ {2}batch +ada +member +Active +2026-01-01 .* 1,200 tokens, \$0\.1250 of \$5\.00 {2}/);
    expect(first).toMatch(
      / 250,000 of 2,000,000 tokens, \$12\.00 +60 requests\/min, 10,000 tokens\/min, 1 stream +all +0199a8f0/,
    );
    expect(second).toMatch(/^ {2}ci +ci +member +Active +never +never +all +environment:ci$/);
  });

  it('shows that the limits and the budget of its parent apply to a key, and its models and expiry', async () => {
    const limits = { requests_per_min: null, tokens_per_min: null, streams: 2 };
    const child = {
      id: OTHER_ID,
      name: 'child',
      parent_id: KEY_ID,
      limits,
      models: ['a', 'b'],
      expires_at: '2999-01-31T12:00:00.000Z',
    };
    const { run } = await startKeysGateway(asKeys({}, child));
    const [, , row] = (await run(['list'])).stdout.split('\n');
    expect(row).toMatch(/ never +2999-01-31 .* 2 streams, limits and budget of batch +a, b +0199a8f0/);
  });

  it('hides revoked and expired keys without --all', async () => {
    const keys = asKeys({}, { name: 'old', revoked_at: REVOKED }, { name: 'past', expires_at: '2020-01-01T00:00:00.000Z' });
    const { run } = await startKeysGateway(keys);
    const few = await run(['list']);
    expect(few.stdout).not.toMatch(/old|past/);
    expect(few.stderr).toBe('2 revoked or expired keys not shown. Add --all to see them.\n');
    const all = await run(['list', '--all']);
    expect(all).toMatchObject({ stdout: expect.stringMatching(/old .*Revoked[\s\S]*past .*Expired/), stderr: '' });
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toEqual({ keys: [createKeyFixture()] });
  });

  it('reports that there are no keys', async () => {
    const { run } = await startKeysGateway(asKeys());
    expect(await run(['list'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No keys yet. Create one: ./prodigon keys create <name> --owner <owner>\n',
    });
  });
});

it('shows a key with its spending, limits and times', async () => {
  const key = createKeyFixture({ models: ['prodigon-sim', 'prodigon-tutor'], expires_at: '2020-01-01T00:00:00.000Z' });
  const { run, lines } = await startKeysGateway(jsonResponse(key));
  const { stdout } = await run(['show', KEY_ID]);
  expect(lines()).toEqual([`GET /api/v1/keys/${KEY_ID}`]);
  for (const line of [
    / Status +Expired\n/,
    / Today +0 tokens, \$0; starts again at 2026-01-02 /,
    / Limits +those of the platform\n/,
    / Models +prodigon-sim, prodigon-tutor\n/,
    / Last used +never\n/,
    / Expires +20/,
  ])
    expect(stdout).toMatch(line);
  expect(JSON.parse((await run(['show', KEY_ID, '--json'])).stdout)).toEqual(key);
});

it('shows the name of the key that created a key, whose limits apply', async () => {
  const child = createKeyFixture({ id: OTHER_ID, name: 'child', parent_id: KEY_ID });
  const { run } = await startKeysGateway(jsonResponse(child), asKeys({}, child));
  const { stdout } = await run(['show', OTHER_ID]);
  expect(stdout).toContain(`Created by  batch (${KEY_ID})\n`);
  expect(stdout).toMatch(/ Limits +limits and budget of batch\n/);
});

it('shows the budget of a key that was never used', async () => {
  const budget = { usd_per_day: null, usd_per_month: 20, tokens_per_day: null, tokens_per_month: 1_000 };
  const { run } = await startKeysGateway(jsonResponse(createKeyFixture({ spending: null, budget })));
  const { stdout } = await run(['show', KEY_ID]);
  expect(stdout).toMatch(/ This month +0 of 1,000 tokens, \$0 of \$20\.00\n/);
  expect(stdout).not.toContain('Today');
});

it('changes only what the options name, and removes a limit with none', async () => {
  const { run, requests } = await startKeysGateway(asKeys({}), jsonResponse(createKeyFixture({ name: 'new' })));
  const changes = ['--name', 'new', '--streams', '2', '--usd-per-day', 'none', '--expires', 'none', '--models', 'all'];
  expect(await run(['update', 'batch', ...changes])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'Changed the key "new" of ada.\n',
  });
  expect(requests[1]?.line).toBe(`PATCH /api/v1/keys/${KEY_ID}`);
  expect(JSON.parse(requests[1]?.body ?? '')).toEqual({
    name: 'new',
    expires_at: null,
    limits: { streams: 2 },
    budget: { usd_per_day: null },
    models: null,
  });
  expect(await run(['update', 'batch'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/^Give at least one change\./) });
});

describe('keys rotate', () => {
  it('prints only the new value to standard output, and until when the old one is valid', async () => {
    const rotated = createCreatedKeyFixture({ previous_expires_at: '2026-01-01T01:00:00.000Z' });
    const { run, requests } = await startKeysGateway(jsonResponse(rotated));
    const { stdout, stderr } = await run(['rotate', KEY_ID, '--overlap', '90m']);
    expect(stdout).toBe(`${VALUE}\n`);
    expect(stderr).toMatch(
      /^Rotated the key "batch" of ada\. The previous value is valid until 2026-01-01 .*new value is shown:\n$/,
    );
    expect(requests.map(({ line, body }) => [line, body])).toEqual([
      [`POST /api/v1/keys/${KEY_ID}/rotate`, '{"overlap_seconds":5400}'],
    ]);
  });

  it('leaves the overlap to the platform by default, and can end the previous value immediately', async () => {
    const { run, requests } = await startKeysGateway(jsonResponse(createCreatedKeyFixture()));
    expect((await run(['rotate', KEY_ID])).stderr).toContain('The previous value is no longer valid.');
    await run(['rotate', KEY_ID, '--overlap', '0s']);
    expect(requests.map(({ body }) => body)).toEqual(['{}', '{"overlap_seconds":0}']);
  });

  it.each(['1', '31d', 'soon'])('rejects an overlap of %s', async (overlap) => {
    const { run, lines } = await startKeysGateway(jsonResponse(createCreatedKeyFixture()));
    expect(await run(['rotate', KEY_ID, '--overlap', overlap])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--overlap takes at most 30d, such as 1h, 45m or 0s, not "${overlap}".`),
    });
    expect(lines()).toEqual([]);
  });
});

it('revokes a key and describes how to undo it', async () => {
  const { run, lines } = await startKeysGateway(jsonResponse(createKeyFixture({ revoked_at: REVOKED })));
  expect(await run(['revoke', KEY_ID])).toEqual({
    code: 0,
    stdout: '',
    stderr: `Revoked the key "batch" of ada. To undo this within ten minutes, run: ./prodigon keys restore ${KEY_ID}\n`,
  });
  expect(lines()).toEqual([`DELETE /api/v1/keys/${KEY_ID}`]);
});

it('restores a revoked key', async () => {
  const { run, requests } = await startKeysGateway(jsonResponse(createKeyFixture()));
  expect(await run(['restore', KEY_ID])).toEqual({ code: 0, stdout: '', stderr: 'Restored the key "batch" of ada.\n' });
  expect(requests.map(({ line, body }) => [line, body])).toEqual([[`PATCH /api/v1/keys/${KEY_ID}`, '{"revoked":false}']]);
});

it('distinguishes a missing key from a wrong one', async () => {
  const rejection = () => errorResponse('UNAUTHENTICATED', 401, 'A valid API key is required.');
  const { run } = await startKeysGateway(rejection(), rejection());
  expect((await run(['list'])).stderr).toBe('A valid API key is required. Set PRODIGON_API_KEY.\n');
  expect((await run(['list'], { PRODIGON_API_KEY: 'wrong' })).stderr).toBe(
    'A valid API key is required. The key in PRODIGON_API_KEY is wrong, revoked or expired.\n',
  );
});

it('passes on why the platform rejects a request', async () => {
  const { run } = await startKeysGateway(errorResponse('FORBIDDEN', 403, 'Only admins may name another owner.'));
  expect(await run(['list'])).toEqual({ code: 1, stdout: '', stderr: 'Only admins may name another owner.\n' });
});
