import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REPOSITORY_ROOT } from '../repository.ts';
import { ConfigurationError, hasLabs, isLoopback, loadConfiguration } from './load-configuration.ts';
import { renderEnvExample, SETTINGS, secretsOf } from './settings.ts';

describe('loadConfiguration', () => {
  function folder(files: Record<string, string> = {}): string {
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-configuration-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return directory;
  }
  const load = (env: Record<string, string> = {}, directory = folder()) => loadConfiguration({ env, directory });

  function problemsOf(env: Record<string, string>, directory = folder()): readonly string[] {
    try {
      load(env, directory);
      return [];
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      return (error as ConfigurationError).problems;
    }
  }

  it('returns defaults when nothing is set', () => {
    expect(load()).toMatchObject({
      HOST: '127.0.0.1',
      GATEWAY_PORT: 8000,
      MODEL_PORT: 8001,
      STREAMS_MAX: 1000,
      USE_MOCK: false,
      API_KEYS: [],
    });
  });

  it('lists every problem', () => {
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
      'MODEL_TRANSPORT must be one of http2, http1, grpc (it is "pigeon")',
      'OPENAI_BASE_URL must be a list of http or https URLs (it is "ftp://x")',
      'USE_MOCK must be true or false; yes, no, on, off, 1 and 0 mean the same (it is "perhaps")',
    ]);
  });

  it.each([
    [{}, 0],
    [{ MODEL_GRPC_URL: 'http://a:1' }, 0],
    [{ MODEL_SERVICE_URL: 'http://a:1,http://b:1', MODEL_GRPC_URL: 'http://a:2,http://b:2' }, 0],
    [{ MODEL_SERVICE_URL: 'http://a:1' }, 1],
    [{ MODEL_SERVICE_URL: 'http://a:1,http://b:1', MODEL_GRPC_URL: 'http://a:2' }, 1],
  ])('rejects gRPC without a gRPC URL for each replica: %o', (env, problems) => {
    expect(problemsOf({ ...env, MODEL_TRANSPORT: 'grpc' })).toHaveLength(problems);
    expect(problemsOf(env)).toEqual([]);
  });

  it('does not print the values of secrets', () => {
    expect(problemsOf({ INTERNAL_TOKEN: 'hunter2' }).join()).not.toContain('hunter2');
  });

  it('rejects public hosts without keys', () => {
    expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('set API_KEYS')]);
    expect(problemsOf({ INTERNAL_HOST: '10.0.0.5' })).toEqual([expect.stringContaining('set INTERNAL_TOKEN')]);
    expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'a-key-of-sixteen-or-more' })).toEqual([]);
    expect(problemsOf({ HOST: '0.0.0.0', REQUIRE_API_KEY: 'on' })).toEqual([]);
    expect(problemsOf({ HOST: '0.0.0.0', API_KEYS: 'a-key-of-sixteen-or-more', REQUIRE_API_KEY: 'off' })).toHaveLength(1);
  });

  it('allows public hosts without keys if ALLOW_ANONYMOUS is true', () => {
    expect(problemsOf({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' })).toEqual([]);
    expect(problemsOf({ HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'false' })).toEqual([expect.stringContaining('set API_KEYS')]);
  });

  it.each([
    ['TRUSTED_PROXIES', 'proxy.local', 'must be a list of addresses or CIDR ranges'],
    ['CONTENT_DIRS', 'docs /etc', 'must be a list of paths inside the repository'],
    ['CONTENT_DIRS', '../other', 'must be a list of paths inside the repository'],
    ['MODEL_SERVICE_URL', 'http://10.0.0.1:8001,model', 'must be an http or https URL'],
    ['WORKER_SERVICE_URL', ',', 'must be http or https URLs, separated by commas'],
  ])('rejects %s=%s', (name, value, problem) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringContaining(`${name} ${problem}`)]);
  });

  it.each([
    'https://chat.example.com/path',
    'https://chat.example.com/',
    'HTTPS://chat.example.com',
    'https://user@chat.example.com',
    'app://obsidian.md/',
    'app://',
    'app:obsidian.md',
    'file:///home',
    'file://host',
    'null',
    '*',
    'chat.example.com',
  ])('rejects the origin %s', (origin) => {
    expect(problemsOf({ ALLOWED_ORIGINS: origin })).toEqual([
      expect.stringContaining('ALLOWED_ORIGINS must be a list of origins such as https://chat.example.com or app://obsidian.md'),
    ]);
  });

  it('accepts origins of websites, apps and browser extensions', () => {
    const ALLOWED_ORIGINS =
      'https://chat.example.com, http://[::1]:8080, app://obsidian.md, chrome-extension://abcdefghijklmnop, moz-extension://1-2, tauri://localhost, vscode-file://vscode-app';
    expect(problemsOf({ ALLOWED_ORIGINS })).toEqual([]);
  });

  it('rejects two services on one port', () => {
    expect(problemsOf({ WORKER_PORT: '8001' })).toEqual(['MODEL_PORT and WORKER_PORT are both 8001']);
    expect(problemsOf({ GATEWAY_PORT: '0', MODEL_PORT: '0', WORKER_PORT: '0' })).toEqual([]);
  });

  it('does not print the password of the database', () => {
    const problems = problemsOf({ DATABASE_URL: 'mysql://user:hunter2@10.0.0.1/prodigon' });
    expect(problems).toEqual([expect.stringContaining('DATABASE_URL must be a URL such as postgresql://')]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('treats an empty variable as not set', () => {
    expect(load({ GROQ_API_KEY: '', DEFAULT_MODEL: '  ' })).toMatchObject({ GROQ_API_KEY: [], DEFAULT_MODEL: undefined });
  });

  it('reads .env, and lets the environment override it', () => {
    const directory = folder({ '.env': 'GATEWAY_PORT=9000\nMODEL_PORT=9001\n' });
    expect(load({ MODEL_PORT: '7001' }, directory)).toMatchObject({ GATEWAY_PORT: 9000, MODEL_PORT: 7001 });
  });

  it('reads the first line of .env, and files of values, after a byte order mark', () => {
    const directory = folder({ '.env': '\ufeffAPI_KEYS=a-key-of-sixteen-or-more\n', model: '\ufeffprodigon-sim\n' });
    expect(load({ DEFAULT_MODEL_FILE: join(directory, 'model') }, directory)).toMatchObject({
      API_KEYS: [{ name: null, role: 'member', value: 'a-key-of-sixteen-or-more' }],
      DEFAULT_MODEL: 'prodigon-sim',
    });
  });

  it('reports UTF-16 in .env and in the file of a value', () => {
    const directory = folder({ port: '', '.env': '' });
    for (const name of ['port', '.env']) writeFileSync(join(directory, name), Buffer.from('\ufeffHOST=0\n', 'utf16le'));
    expect(problemsOf({ GATEWAY_PORT_FILE: join(directory, 'port') }, directory)).toEqual([
      '.env is UTF-16 text; save it as UTF-8',
      `GATEWAY_PORT_FILE names a file that is UTF-16 text; save it as UTF-8: ${join(directory, 'port')}`,
    ]);
  });

  it('reads options in any case, and log levels by the names of Python', () => {
    const levels = ['INFO', 'Debug', 'WARNING', 'critical'].map((LOG_LEVEL) => load({ LOG_LEVEL }).LOG_LEVEL);
    expect(levels).toEqual(['info', 'debug', 'warn', 'fatal']);
    expect(load({ QUEUE_TYPE: 'Memory', MODEL_TRANSPORT: 'HTTP1', USE_MOCK: 'True' })).toMatchObject({
      QUEUE_TYPE: 'memory',
      MODEL_TRANSPORT: 'http1',
      USE_MOCK: true,
    });
    expect(problemsOf({ LOG_LEVEL: 'LOUD' })).toEqual([expect.stringMatching(/^LOG_LEVEL must be one of .* \(it is "LOUD"\)$/)]);
  });

  it.each(['postgresql+asyncpg', 'postgresql+psycopg2', 'postgres+asyncpg', 'postgresql'])(
    'reads %s:// as a database URL',
    (scheme) => {
      const { DATABASE_URL } = load({ DATABASE_URL: `${scheme}://user:a+b:c@10.0.0.1/prodigon` });
      expect(DATABASE_URL).toBe('postgresql://user:a+b:c@10.0.0.1/prodigon');
    },
  );

  it.each([
    ['OPENAI_BASE_URL', 'https://user:hunter2@acme.example/v1', 'must have no user or password'],
    ['OLLAMA_BASE_URL', 'http://a.example, http://hunter2@b.example', 'must have no user or password'],
    ['OPENAI_BASE_URL', 'ftp://user:hunter2@acme.example', 'must be a list of http or https URLs'],
    ['MODEL_SERVICE_URL', 'http://user:hunter2@10.0.0.1:8001', 'must have no user or password'],
  ])('rejects credentials in %s without printing them', (name, value, problem) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toEqual([expect.stringContaining(`${name} ${problem}`)]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('rejects placeholders for the keys of the platform, because a missing key would open it', () => {
    expect(problemsOf({ API_KEYS: '<a-key-of-sixteen-or-more>', INTERNAL_TOKEN: 'your-internal-token' })).toEqual([
      'Item 1 of API_KEYS is a placeholder: replace it with a key',
      'INTERNAL_TOKEN is a placeholder: replace or remove it',
    ]);
  });

  it.each(Object.keys(SETTINGS))('reads %s from a file', (name) => {
    const value = SAMPLES[name] ?? 'a-value-of-sixteen-letters';
    const directory = folder({ value: `${value}\n` });
    const { [name]: _replaced, ...context } = CONTEXT;
    const fromFile = load({ ...context, [`${name}_FILE`]: join(directory, 'value') });
    expect(fromFile).toEqual(load({ ...CONTEXT, [name]: value }));
    expect(fromFile).not.toEqual(load(CONTEXT));
  });

  it('prefers a file that the environment names to .env', () => {
    const directory = folder({ '.env': 'GATEWAY_PORT=9000\n', port: '7000' });
    expect(load({ GATEWAY_PORT_FILE: join(directory, 'port') }, directory).GATEWAY_PORT).toBe(7000);
  });

  it('reports a file that does not exist', () => {
    expect(problemsOf({ GROQ_API_KEY_FILE: '/nowhere/key' })).toEqual([
      'GROQ_API_KEY_FILE names a file that does not exist: /nowhere/key',
    ]);
  });

  it('rejects API keys of fewer than 16 characters, and accepts 16', () => {
    expect(problemsOf({ API_KEYS: 'a'.repeat(15) })).toEqual(['Item 1 of API_KEYS has a key of fewer than 16 characters']);
    expect(problemsOf({ API_KEYS: 'a'.repeat(16) })).toEqual([]);
  });

  it('accepts the bounds of a number and rejects values outside them', () => {
    expect(load({ STREAMS_MAX: '1' }).STREAMS_MAX).toBe(1);
    expect(load({ STREAMS_MAX: '100000' }).STREAMS_MAX).toBe(100_000);
    for (const value of ['0', '100001', '1.5']) expect(problemsOf({ STREAMS_MAX: value })).toHaveLength(1);
  });

  it('removes trailing slashes and duplicates from URLs', () => {
    expect(load({ MODEL_SERVICE_URL: 'http://a:1/, http://b:2 http://a:1/' }).MODEL_SERVICE_URL).toEqual([
      'http://a:1',
      'http://b:2',
    ]);
  });

  it('collects the values of all secrets', () => {
    const configuration = load({
      API_KEYS: 'key-of-sixteen-letters-1,key-of-sixteen-letters-2',
      GROQ_API_KEY: 'gsk',
      INTERNAL_TOKEN: 'token-of-sixteen-letters',
    });
    expect(secretsOf(configuration).sort()).toEqual([
      'gsk',
      'key-of-sixteen-letters-1',
      'key-of-sixteen-letters-2',
      'token-of-sixteen-letters',
    ]);
  });

  it('matches .env.example', async () => {
    await expect(renderEnvExample()).toMatchFileSnapshot(join(REPOSITORY_ROOT, '.env.example'));
  });

  it('has the defaults of .env.example', () => {
    const shown = Object.fromEntries(Object.entries(SETTINGS).map(([name, { default: fallback }]) => [name, fallback]));
    // These default ports are also the first of several.
    expect({ ...load(shown), MODEL_GRPC_PORT: undefined, CHAT_PORT: undefined }).toEqual(load());
    expect(load(shown)).toMatchObject({ MODEL_GRPC_PORT: 8011, CHAT_PORT: 8004 });
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.9.9', 'localhost', 'LOCALHOST', '::1', '[::1]', '::ffff:127.0.0.1'])('accepts %s', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.com', '127.evil.com', 'localhost.evil.com'])('rejects %s', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});

/** Settings that allow any host, so that each setting can be tested alone. */
const CONTEXT: Record<string, string> = {
  API_KEYS: 'another-key-of-sixteen-letters',
  INTERNAL_TOKEN: 'another-token-of-sixteen-letters',
  DATABASE_URL: 'postgresql://10.0.0.1/prodigon',
};

const SAMPLES: Record<string, string> = {
  HOST: '0.0.0.0',
  INTERNAL_HOST: '0.0.0.0',
  USE_MOCK: 'true',
  ALLOW_SIMULATOR: 'false',
  ALLOW_LOCAL_ORIGINS: 'false',
  ALLOW_ANONYMOUS: 'true',
  REQUIRE_API_KEY: 'on',
  LIMIT_REQUESTS_PER_MIN: '60',
  LIMIT_TOKENS_PER_MIN: '100000',
  LIMIT_STREAMS: '10',
  CHAT_TITLES: 'off',
  CACHE_TTL_S: '600',
  CACHE_MB_MAX: '128',
  TRUSTED_PROXIES: '10.0.0.0/8 ::1',
  ALLOWED_ORIGINS: 'https://chat.example.com',
  MODEL_TRANSPORT: 'http1',
  LOG_LEVEL: 'debug',
  MODEL_SERVICE_URL: 'http://10.0.0.1:8001',
  MODEL_REQUESTS_PER_CONNECTION: '100',
  MODEL_GRPC_URL: 'http://10.0.0.1:8011',
  WORKER_SERVICE_URL: 'http://10.0.0.1:8002',
  GATEWAY_SERVICE_URL: 'http://10.0.0.1:8000',
  LAB_SERVICE_URL: 'http://10.0.0.1:8003',
  LAB_PORT: '7003',
  LABS: 'off',
  DATABASE_URL: 'postgresql://user:password@10.0.0.1:5432/prodigon',
  DATABASE_DIRECT_URL: 'postgresql://user:password@10.0.0.2:5432/prodigon',
  REDIS_URL: 'rediss://user:password@10.0.0.3:6380/1',
  QUEUE_TYPE: 'memory',
  HTTPS_PROXY: 'http://proxy.example:3128',
  HTTP_PROXY: 'http://proxy.example:3128',
  OPENAI_BASE_URL: 'http://127.0.0.1:8080/v1',
  OLLAMA_BASE_URL: 'http://127.0.0.1:11434',
  VLLM_BASE_URL: 'http://127.0.0.1:8080/v1, http://127.0.0.1:8081/v1',
  LLAMA_CPP_BASE_URL: 'http://127.0.0.1:8080/v1',
  JOB_CONCURRENCY: '7',
  JOB_RETENTION_DAYS: '7',
  USAGE_RETENTION_DAYS: '7',
  ...Object.fromEntries(Object.keys(SETTINGS).flatMap((name) => (/_(PORT|MS|MAX)$/.test(name) ? [[name, '4321']] : []))),
};

describe('hasLabs', () => {
  it.each([
    ['127.0.0.1', undefined, true],
    ['::1', undefined, true],
    ['0.0.0.0', undefined, false],
    ['127.0.0.1', false, false],
    ['0.0.0.0', true, true],
  ])('on %s with LABS %s is %s', (HOST, LABS, expected) => {
    expect(hasLabs({ HOST, LABS })).toBe(expected);
  });
});
