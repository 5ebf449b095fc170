import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REPOSITORY_ROOT } from '../repository.ts';
import { renderEnvExample } from './env-example.ts';
import { ConfigurationError, isLoopback, loadConfiguration } from './load-configuration.ts';
import { SETTINGS } from './settings.ts';

describe('the configuration', () => {
  function folder(files: Record<string, string> = {}): string {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-configuration-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return directory;
  }
  const load = (env: Record<string, string> = {}, directory = folder()) => loadConfiguration({ env, directory });

  function problemsOf(env: Record<string, string>): readonly string[] {
    try {
      load(env);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return (error as ConfigurationError).problems;
    }
  }

  it('works with nothing set', () => {
    expect(load()).toMatchObject({
      HOST: '127.0.0.1',
      GATEWAY_PORT: 8000,
      MODEL_PORT: 8001,
      STREAMS_MAX: 1000,
      USE_MOCK: false,
      API_KEYS: [],
    });
  });

  it('names every problem at once', () => {
    const problems = problemsOf({
      GATEWAY_PORT: '80000',
      STREAMS_MAX: 'many',
      USE_MOCK: 'perhaps',
      OPENAI_BASE_URL: 'ftp://x',
      MODEL_TRANSPORT: 'pigeon',
    });
    expect(problems).toEqual([
      'GATEWAY_PORT must be a whole number from 0 to 65535 (it is "80000")',
      'STREAMS_MAX must be a whole number from 1 to 100000 (it is "many")',
      'MODEL_TRANSPORT must be one of http2, http1 (it is "pigeon")',
      'OPENAI_BASE_URL must be a list of http or https URLs (it is "ftp://x")',
      'USE_MOCK must be true or false (it is "perhaps")',
    ]);
  });

  it('never shows the value of a secret', () => {
    expect(problemsOf({ INTERNAL_TOKEN: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it('refuses to be open to others without a key', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('set API_KEYS')]);
    expect(problemsOf({ INTERNAL_HOST: '10.0.0.5' })).toEqual([expect.stringContaining('set INTERNAL_TOKEN')]);
    expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'a-key-of-sixteen-or-more' })).toEqual([]);
  });

  it.each([
    ['TRUSTED_PROXIES', 'proxy.local', 'must be a list of addresses or CIDR ranges'],
    ['CONTENT_DIRS', 'docs /etc', 'must be a list of paths inside the repository'],
    ['CONTENT_DIRS', '../other', 'must be a list of paths inside the repository'],
    ['MODEL_SERVICE_URL', 'http://10.0.0.1:8001,model', 'must be an http or https URL'],
    ['WORKER_SERVICE_URL', ',', 'must be http or https URLs, separated by commas'],
    ['ALLOWED_ORIGINS', 'https://chat.example.com/path', 'must be a list of origins'],
  ])('refuses %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(`${name} ${problem}`)]);
  });

  it('refuses two services on one port', () => {
    expect(problemsOf({ WORKER_PORT: '8001' })).toEqual(['MODEL_PORT and WORKER_PORT are both 8001']);
    expect(problemsOf({ GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' })).toEqual([]);
  });

  it('never shows the password of the database', () => {
    const problems = problemsOf({ DATABASE_URL: 'mysql://user:hunter2@10.0.0.1/prodigon' });
    expect(problems).toEqual([expect.stringContaining('DATABASE_URL must be a URL such as postgresql://')]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(load({ GROQ_API_KEY: '', DEFAULT_MODEL: '  ' })).toMatchObject({ GROQ_API_KEY: [], DEFAULT_MODEL: undefined });
  });

  it('reads .env, which the environment overrides', () => {
    const directory = folder({ '.env': 'GATEWAY_PORT=9000\nMODEL_PORT=9001\n' });
    expect(load({ MODEL_PORT: '7001' }, directory)).toMatchObject({ GATEWAY_PORT: 9000, MODEL_PORT: 7001 });
  });

  it.each(Object.keys(SETTINGS))('reads %s from a file too', (name) => {
    const value = SAMPLES[name] ?? 'a-value-of-sixteen-letters';
    const directory = folder({ value: `${value}\n` });
    const { [name]: _replaced, ...context } = CONTEXT;
    const fromFile = load({ ...context, [`${name}_FILE`]: join(directory, 'value') });
    expect(fromFile).toEqual(load({ ...CONTEXT, [name]: value }));
    expect(fromFile).not.toEqual(load(CONTEXT));
  });

  it('lets a file that the environment names win over .env', () => {
    const directory = folder({ '.env': 'GATEWAY_PORT=9000\n', port: '7000' });
    expect(load({ GATEWAY_PORT_FILE: join(directory, 'port') }, directory).GATEWAY_PORT).toBe(7000);
  });

  it('says which file cannot be read', () => {
    expect(problemsOf({ GROQ_API_KEY_FILE: '/nowhere/key' })).toEqual([
      'GROQ_API_KEY_FILE names a file that cannot be read: /nowhere/key',
    ]);
  });

  it('is what .env.example shows', async () => {
    await expect(renderEnvExample()).toMatchFileSnapshot(join(REPOSITORY_ROOT, '.env.example'));
  });

  it('has the defaults that .env.example shows', () => {
    const shown = Object.fromEntries(Object.entries(SETTINGS).map(([name, { default: fallback }]) => [name, fallback]));
    expect(load(shown)).toEqual(load());
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'])('is %s', (host) => expect(isLoopback(host)).toBe(true));
  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.evil.com', 'localhost.evil.com'])('is not %s', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});

/** What makes any host fine, so that each variable can be tried alone. */
const CONTEXT: Record<string, string> = {
  API_KEYS: 'another-key-of-sixteen-letters',
  INTERNAL_TOKEN: 'another-token-of-sixteen-letters',
};

const SAMPLES: Record<string, string> = {
  HOST: '0.0.0.0',
  INTERNAL_HOST: '0.0.0.0',
  USE_MOCK: 'true',
  TRUSTED_PROXIES: '10.0.0.0/8 ::1',
  ALLOWED_ORIGINS: 'https://chat.example.com',
  MODEL_TRANSPORT: 'http1',
  LOG_LEVEL: 'debug',
  MODEL_SERVICE_URL: 'http://10.0.0.1:8001',
  WORKER_SERVICE_URL: 'http://10.0.0.1:8002',
  DATABASE_URL: 'postgresql://user:password@10.0.0.1:5432/prodigon',
  QUEUE_TYPE: 'memory',
  OPENAI_BASE_URL: 'http://127.0.0.1:8080/v1',
  OLLAMA_BASE_URL: 'http://127.0.0.1:11434',
  VLLM_BASE_URL: 'http://127.0.0.1:8080/v1, http://127.0.0.1:8081/v1',
  LLAMA_CPP_BASE_URL: 'http://127.0.0.1:8080/v1',
  JOB_CONCURRENCY: '7',
  JOB_RETENTION_DAYS: '7',
  USAGE_RETENTION_DAYS: '7',
  ...Object.fromEntries(Object.keys(SETTINGS).flatMap((name) => (/_(PORT|MS|MAX)$/.test(name) ? [[name, '4321']] : []))),
};
