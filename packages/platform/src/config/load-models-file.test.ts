import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { REPOSITORY_ROOT } from '../repository.ts';
import { ConfigurationError } from './load-configuration.ts';
import { type LoadedModelsFile, loadModelsFile } from './load-models-file.ts';

const PATH = 'models.yaml';

function folder(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const load = (text: string, env: Record<string, string> = {}): LoadedModelsFile =>
  loadModelsFile({ env, directory: folder({ [PATH]: text }), path: PATH });

function problemsOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigurationError);
    return (thrown as ConfigurationError).problems;
  }
  return [];
}

describe('the models file of the repository', () => {
  const env = {
    GROQ_API_KEY: 'gsk_0123456789abcdef',
    OPENAI_API_KEY: 'sk-0123456789abcdef',
    OPENROUTER_API_KEY: 'sk-or-0123456789abcdef',
    OLLAMA_BASE_URL: 'http://127.0.0.1:11434',
    VLLM_BASE_URL: 'http://127.0.0.1:8010/v1',
    LLAMA_CPP_BASE_URL: 'http://127.0.0.1:8080/v1',
  };
  const { providers } = loadModelsFile({ env, directory: REPOSITORY_ROOT, path: 'config/models.yaml' });

  it('is valid and enables every provider whose variables are set', () => {
    expect(providers.map(({ name }) => name)).toEqual(['groq', 'openai', 'openrouter', 'ollama', 'vllm', 'llama.cpp']);
  });

  it('refers only to models that it describes, and contains neither duplicate ids nor self-fallbacks', () => {
    for (const { name, models = {}, retired = {}, default_model } of providers) {
      const known = Object.keys(models);
      const aliases = Object.values(models).flatMap((model) => model?.aliases ?? []);
      const named = [
        ...Object.values(models).flatMap((model) => model?.fallbacks ?? []),
        ...Object.values(retired).map(({ use }) => use),
        ...(default_model === undefined ? [] : [default_model]),
      ];
      expect(
        named.filter((id) => !known.includes(id)),
        name,
      ).toEqual([]);
      expect([...known, ...aliases].length, name).toBe(new Set([...known, ...aliases]).size);
      for (const [id, model] of Object.entries(models)) expect(model?.fallbacks ?? [], id).not.toContain(id);
    }
  });

  it('replaces no retired model with a retired one', () => {
    for (const { name, retired = {} } of providers) {
      const successors = Object.values(retired).map(({ use }) => use);
      expect(
        successors.filter((id) => id in retired),
        name,
      ).toEqual([]);
    }
  });
});

describe('an invalid models file', () => {
  it('is rejected with all of its problems and their locations', () => {
    const text = `
policy: { attempts_max: 0, retries: 3 }
providers:
  acme:
    base_url: ftp://acme.example
    timeouts: { idle_ms: soon }
    modles: {}
    models: { large: { price: { input: cheap, output: 1 }, fallback: [small] } }
    retired: { old: { on: 2026-13-45, use: large } }
  nowhere: { default_model: large }
  Acme: { base_url: https://acme.example }
`;
    expect(problemsOf(() => load(text))).toEqual([
      'models.yaml:2: policy › attempts_max: Must be at least 1',
      'models.yaml:2: policy › retries: is not a field.',
      'models.yaml:5: providers › acme › base_url: Must be a URL',
      'models.yaml:6: providers › acme › timeouts › idle_ms: Must be a number',
      'models.yaml:8: providers › acme › models › large › price › input: Must be a number',
      'models.yaml:8: providers › acme › models › large › fallback: is not a field. Did you mean "fallbacks"?',
      'models.yaml:9: providers › acme › retired › old › on: Must be a date in ISO 8601',
      'models.yaml:7: providers › acme › modles: is not a field. Did you mean "models"?',
      'models.yaml:10: providers › nowhere: must have base_url or base_url_variable',
      'models.yaml:11: providers › Acme: must be a name in lower case',
    ]);
  });

  it.each([
    ['not YAML', 'providers:\n  acme: { base_url: "https://acme.example\n', /^models\.yaml:3: .*quote$/],
    ['indented with a tab', 'providers:\n\tacme: {}\n', /^models\.yaml:2: Tabs /],
    [
      'naming a provider twice',
      'providers:\n  a: { base_url: http://a }\n  a: { base_url: http://b }\n',
      /^models\.yaml:3: .*unique$/,
    ],
    ['empty', '', /^models\.yaml: Must be an object$/],
    ['a list', '- acme\n', /^models\.yaml: Must be an object$/],
  ])('is rejected with the location of the error when it is %s', (_case, text, expected) => {
    const problems = problemsOf(() => load(text));
    expect(problems[0]).toMatch(expected);
    expect(problems.join('')).not.toContain('\n');
  });

  it('is rejected when it uses an undefined anchor', () => {
    expect(problemsOf(() => load('providers:\n  acme: *nowhere\n'))).toEqual([
      'models.yaml: Unresolved alias (the anchor must be set before the alias): nowhere',
    ]);
  });

  it('is rejected when its aliases expand exponentially', () => {
    const levels = Array.from(
      { length: 9 },
      (_, level) => `  l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
    );
    expect(problemsOf(() => load(`providers:\n  l0: &l0 [x]\n${levels.join('\n')}\n`))).toEqual([
      'models.yaml: Excessive alias count indicates a resource exhaustion attack',
    ]);
  });

  it('is reported with its setting when it does not exist', () => {
    expect(problemsOf(() => loadModelsFile({ env: {}, directory: folder({}), path: 'config/none.yaml' }))).toEqual([
      'MODELS_FILE names a file that does not exist: config/none.yaml',
    ]);
  });

  it('is reported when it is UTF-16, and read after a byte order mark', () => {
    const directory = folder({ [PATH]: '\ufeffproviders: {}\n' });
    expect(loadModelsFile({ env: {}, directory, path: PATH }).providers).toEqual([]);
    writeFileSync(join(directory, PATH), Buffer.from('\ufeffproviders: {}\n', 'utf16le'));
    expect(problemsOf(() => loadModelsFile({ env: {}, directory, path: PATH }))).toEqual([
      'MODELS_FILE names a file that is UTF-16 text; save it as UTF-8: models.yaml',
    ]);
  });

  it('is reported without the values of variables', () => {
    const text =
      'providers:\n  acme: { base_url_variable: ACME_URL, key_variable: ACME_KEY }\n  other: { base_url_variable: OTHER_URL }\n';
    const env = { ACME_URL: 'ftp://user:hunter2@acme.example', ACME_KEY: 'hunter2', OTHER_URL: 'hunter2' };
    const problems = problemsOf(() => load(text, env));
    expect(problems.join()).not.toContain('hunter2');
    expect(problems).toEqual([
      'acme has an address that is not an http or https URL',
      'other has an address that is not an http or https URL',
    ]);
  });
});

describe('a provider', () => {
  const on = (provider: string, env: Record<string, string> = {}) => load(`providers: { acme: ${provider} }`, env).providers;
  const WITH_KEY = '{ base_url: https://acme.example/v1, key_variable: ACME_KEY }';
  const WITH_ADDRESS = '{ base_url_variable: ACME_URL, key_variable: ACME_KEY, base_url_suffix: /v1 }';

  it('is enabled by its key when its address is in the file', () => {
    expect(on(WITH_KEY)).toEqual([]);
    expect(on(WITH_KEY, { ACME_KEY: ' ' })).toEqual([]);
    expect(on(WITH_KEY, { ACME_KEY: 'key-1' })).toMatchObject([
      { name: 'acme', baseUrls: ['https://acme.example/v1'], apiKeys: ['key-1'] },
    ]);
  });

  it('is enabled by the variable of its address, with or without a key', () => {
    expect(on(WITH_ADDRESS, { ACME_KEY: 'key-1' })).toEqual([]);
    expect(on(WITH_ADDRESS, { ACME_URL: 'http://127.0.0.1:9' })).toMatchObject([
      { baseUrls: ['http://127.0.0.1:9/v1'], apiKeys: [] },
    ]);
    expect(on(WITH_ADDRESS, { ACME_URL: 'http://127.0.0.1:9', ACME_KEY: 'key-1' })).toMatchObject([{ apiKeys: ['key-1'] }]);
  });

  it('is always enabled when its address is in the file and it has no key variable', () => {
    expect(on('{ base_url: http://127.0.0.1:9/v1 }')).toMatchObject([{ apiKeys: [] }]);
  });

  it('is disabled while its unless_variable is set', () => {
    const provider = '{ base_url: https://acme.example/v1, key_variable: ACME_KEY, unless_variable: OTHER_URL }';
    expect(on(provider, { ACME_KEY: 'key-1' })).toHaveLength(1);
    expect(on(provider, { ACME_KEY: 'key-1', OTHER_URL: 'http://127.0.0.1:9' })).toEqual([]);
  });

  it('accepts several keys, and several addresses with or without their suffix', () => {
    const env = { ACME_URL: 'http://127.0.0.1:9, http://127.0.0.1:10/v1/\nhttp://127.0.0.1:11/', ACME_KEY: 'key-1,key-2  key-3' };
    expect(on(WITH_ADDRESS, env)).toMatchObject([
      {
        baseUrls: ['http://127.0.0.1:9/v1', 'http://127.0.0.1:10/v1', 'http://127.0.0.1:11/v1'],
        apiKeys: ['key-1', 'key-2', 'key-3'],
      },
    ]);
  });

  it('reads its key from a file or from .env, and prefers the environment', () => {
    const directory = folder({
      [PATH]: `providers: { acme: ${WITH_KEY} }`,
      '.env': 'ACME_KEY=key-of-dot-env\n',
      'secret.txt': 'key-of-a-file\n',
    });
    const keysWith = (env: Record<string, string>) => loadModelsFile({ env, directory, path: PATH }).providers[0]?.apiKeys;
    expect(keysWith({})).toEqual(['key-of-dot-env']);
    expect(keysWith({ ACME_KEY_FILE: join(directory, 'secret.txt') })).toEqual(['key-of-a-file']);
    expect(keysWith({ ACME_KEY: 'key-of-the-environment' })).toEqual(['key-of-the-environment']);
  });

  it('keeps the query of its address', () => {
    const addresses = ['https://h/?api-version=1', 'https://h/v1/?api-version=1', 'https://h/openai?a=/v1', 'https://h?a=b/'];
    expect(on(WITH_ADDRESS, { ACME_URL: addresses.join() })[0]?.baseUrls).toEqual([
      'https://h/v1?api-version=1',
      'https://h/v1?api-version=1',
      'https://h/openai/v1?a=/v1',
      'https://h/v1?a=b/',
    ]);
  });

  it('has an address without user and password, in the file and in a variable', () => {
    const problem = 'acme has an address with a user or password: remove them, and set the key of the provider instead';
    expect(problemsOf(() => on('{ base_url: https://user:hunter2@acme.example/v1 }'))).toEqual([problem]);
    expect(problemsOf(() => on(WITH_ADDRESS, { ACME_URL: 'https://hunter2@acme.example' }))).toEqual([problem]);
    expect(on(WITH_ADDRESS, { ACME_URL: 'https://acme.example/@v1' })).toHaveLength(1);
  });

  it.each([
    ['your-key-here', []],
    ['your key here', []],
    ['sk-..., changeme', []],
    ['key-1, <key>', ['key-1']],
  ])('ignores placeholders in the key %j with one warning', (text, apiKeys) => {
    const { providers, warnings } = load(
      `providers: { acme: ${WITH_KEY}, other: { base_url: http://127.0.0.1:9, key_variable: ACME_KEY } }`,
      { ACME_KEY: text },
    );
    expect(providers.map((provider) => provider.apiKeys)).toEqual(apiKeys.length > 0 ? [apiKeys, apiKeys] : []);
    expect(warnings).toEqual(['ACME_KEY holds a placeholder instead of a key; it is ignored']);
  });

  it('reports a key file that does not exist', () => {
    expect(problemsOf(() => on(WITH_KEY, { ACME_KEY_FILE: 'nowhere.txt' }))).toEqual([
      'ACME_KEY_FILE names a file that does not exist: nowhere.txt',
    ]);
  });

  it('keeps the metadata of its models, and null for models without metadata', () => {
    const [acme] = on('{ base_url: http://127.0.0.1:9/v1, models: { large: { price: { input: 1, output: 2 } }, small: } }');
    expect(acme?.models).toEqual({ large: { price: { input: 1, output: 2 } }, small: null });
  });
});

it('loads the retry policy of a models file', () => {
  expect(load('policy: { attempts_max: 2, breaker: { open_ms: 5 } }\nproviders: {}').policy).toEqual({
    attempts_max: 2,
    breaker: { open_ms: 5 },
  });
  expect(load('providers: {}')).toMatchObject({ providers: [], policy: {} });
});
