import { describe, expect, it } from 'vitest';
import { type ConfigurationError, loadConfiguration } from './load-configuration.ts';
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

  it('contributes its password to the secrets, which a message may contain without the rest', () => {
    const secrets = secretsOf(load({ DATABASE_URL: 'postgresql://ada:p%40ssword-1@db.example/prodigon' }));
    expect(secrets).toEqual(expect.arrayContaining(['p%40ssword-1', 'p@ssword-1']));
  });
});
