import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ConfigurationError, loadConfiguration } from './load-configuration.ts';
import { loadPlatformConfiguration } from './load-platform-configuration.ts';
import { secretsOf } from './settings.ts';

const load = (env: NodeJS.ProcessEnv) => loadConfiguration({ env, directory: '/nowhere' });
const URL = 'postgresql://ada:hunter2-secret@db.example/prodigon';

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    load(env);
    return [];
  } catch (thrown) {
    return (thrown as ConfigurationError).problems;
  }
}

describe('the URL of the database', () => {
  it.each(['prefer', 'require', 'verify-ca', 'verify-full'])('verifies the certificate with sslmode=%s', (mode) => {
    const { DATABASE_URL } = load({ DATABASE_URL: `${URL}?sslmode=${mode}&sslrootcert=/ca.pem` });
    expect(DATABASE_URL).toBe(`${URL}?sslmode=verify-full&sslrootcert=/ca.pem`);
  });

  it.each(['sslmode=disable', 'sslmode=no-verify', 'sslmode=require&uselibpqcompat=true'])('keeps %s', (query) => {
    expect(load({ DATABASE_URL: `${URL}?${query}` }).DATABASE_URL).toBe(`${URL}?${query}`);
  });

  it('rejects DATABASE_DIRECT_URL without DATABASE_URL, but not in addition to an invalid one', () => {
    expect(problemsOf({ DATABASE_DIRECT_URL: URL })).toEqual([
      'DATABASE_DIRECT_URL is set without DATABASE_URL: set both, or only DATABASE_URL',
    ]);
    expect(problemsOf({ DATABASE_DIRECT_URL: URL, DATABASE_URL: 'mysql://db.example' })).toHaveLength(1);
    expect(problemsOf({ DATABASE_DIRECT_URL: URL, DATABASE_URL: URL })).toEqual([]);
  });

  it('adds its password to the secrets, also without the rest of the URL', () => {
    const secrets = secretsOf(load({ DATABASE_URL: 'postgresql://ada:p%40ssword-1@db.example/prodigon' }));
    expect(secrets).toEqual(expect.arrayContaining(['p%40ssword-1', 'p@ssword-1']));
  });
});

describe('the URL of Redis', () => {
  it.each(['redis://redis.example', 'redis://ada:hunter2-secret@redis.example:6380/2', 'rediss://redis.example'])(
    'may be %s',
    (url) => expect(load({ REDIS_URL: url }).REDIS_URL).toBe(url),
  );

  it('rejects other schemes without showing the value', () => {
    expect(problemsOf({ REDIS_URL: 'http://ada:hunter2-secret@redis.example' })).toEqual([
      'REDIS_URL must be a URL such as redis://user:password@host:6379/0, or rediss:// for TLS',
    ]);
  });

  it('is required by QUEUE_TYPE=redis', () => {
    expect(problemsOf({ QUEUE_TYPE: 'redis' })).toEqual(['QUEUE_TYPE is redis: set REDIS_URL, or set QUEUE_TYPE to postgres']);
    expect(problemsOf({ QUEUE_TYPE: 'redis', REDIS_URL: 'http://redis.example' })).toHaveLength(1);
    expect(problemsOf({ QUEUE_TYPE: 'redis', REDIS_URL: 'redis://redis.example' })).toEqual([]);
  });

  it('adds its password to the secrets, also without the rest of the URL', () => {
    const secrets = secretsOf(load({ REDIS_URL: 'redis://:p%40ssword-1@redis.example' }));
    expect(secrets).toEqual(expect.arrayContaining(['p%40ssword-1', 'p@ssword-1']));
  });
});

describe('the proxies of providers', () => {
  const HTTPS_PROXY = 'http://ada:hunter2-secret@proxy.example:3128';

  it('have an http or https URL, or no scheme', () => {
    expect(load({ HTTPS_PROXY, HTTP_PROXY: 'proxy.example:3128' })).toMatchObject({
      HTTPS_PROXY,
      HTTP_PROXY: 'http://proxy.example:3128',
    });
    expect(problemsOf({ HTTPS_PROXY: 'socks5://ada:hunter2-secret@proxy.example' })).toEqual([
      'HTTPS_PROXY must be an http or https URL such as http://proxy.example.com:3128',
    ]);
  });

  it('may have variables in lower case, which take precedence', () => {
    const lower = { https_proxy: 'http://lower.example', http_proxy: 'http://lower.example', no_proxy: 'a.example,b.example' };
    expect(load({ ...lower, HTTPS_PROXY, HTTP_PROXY: HTTPS_PROXY, NO_PROXY: '*' })).toMatchObject({
      HTTPS_PROXY: 'http://lower.example',
      HTTP_PROXY: 'http://lower.example',
      NO_PROXY: ['a.example', 'b.example'],
    });
    expect(load({ https_proxy: ' ', HTTPS_PROXY })).toMatchObject({ HTTPS_PROXY });
  });

  it('cause no warning when the variables are in lower case', () => {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-proxies-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, '.env'), 'https_proxy=http://proxy.example\nno_proxy=*\n');
    writeFileSync(join(directory, 'models.yaml'), 'providers: {}\n');
    const { configuration, warnings } = loadPlatformConfiguration({ env: { MODELS_FILE: 'models.yaml' }, directory });
    expect([configuration.HTTPS_PROXY, configuration.NO_PROXY, warnings]).toEqual(['http://proxy.example', ['*'], []]);
  });

  it('add their password to the secrets', () => {
    expect(secretsOf(load({ HTTPS_PROXY: 'http://ada:100%secret@proxy.example' }))).toContain('100%secret');
    expect(secretsOf(load({ HTTPS_PROXY }))).toEqual(expect.arrayContaining([HTTPS_PROXY, 'hunter2-secret']));
  });
});
