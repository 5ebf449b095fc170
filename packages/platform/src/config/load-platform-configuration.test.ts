import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigurationError } from './load-configuration.ts';
import { loadPlatformConfiguration } from './load-platform-configuration.ts';

const MODELS = `
providers:
  acme: { base_url: "https://acme.example", key_variable: ACME_API_KEY, models: { acme-large: { aliases: [big] } }, retired: { old: { on: 2026-01-01, use: acme-large } } }
  local: { base_url_variable: LOCAL_URL }
`;

function load(env: Record<string, string>, { models = MODELS, dotEnv = '' } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-configuration-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'models.yaml'), models);
  writeFileSync(join(directory, '.env'), dotEnv);
  return loadPlatformConfiguration({ env: { MODELS_FILE: 'models.yaml', ...env }, directory });
}

function problemsOf(...args: Parameters<typeof load>): readonly string[] {
  try {
    load(...args);
  } catch (thrown) {
    if (thrown instanceof ConfigurationError) return thrown.problems;
    throw thrown;
  }
  return [];
}

describe.each(['DEFAULT_MODEL', 'FALLBACK_MODEL'])('%s', (name) => {
  it.each([
    ['nobody', 'is "nobody", which no configured provider offers.'],
    ['prodigon-tutr', 'is "prodigon-tutr", which no configured provider offers. Did you mean "prodigon-tutor"?'],
    ['acme-large', 'is "acme-large", a model of acme: set ACME_API_KEY'],
    ['big', 'is "big", a model of acme: set ACME_API_KEY'],
    ['old', 'is "old", a model of acme: set ACME_API_KEY'],
  ])('%s is rejected without a provider that can have it', (model, problem) => {
    expect(problemsOf({ [name]: model })).toEqual([`${name} ${problem}`]);
  });

  it.each(['prodigon-tutor', 'prodigon-sim?tokens=5', 'prodigon-embed'])('%s needs no provider', (model) => {
    expect(problemsOf({ [name]: model })).toEqual([]);
  });

  it.each<Record<string, string>>([{ ACME_API_KEY: 'sk-1' }, { LOCAL_URL: 'http://127.0.0.1:1' }, { USE_MOCK: 'true' }])(
    'may be any model with %j, because only a provider knows all of its models',
    (env) => {
      expect(problemsOf({ [name]: 'nobody', ...env })).toEqual([]);
    },
  );
});

it('lists the problems of the settings and of the models file together, each one once', () => {
  const models = 'providers:\n  acme: { base_url: none }\n';
  expect(
    problemsOf({ GATEWAY_PORT: 'x', HOST: '0.0.0.0', API_KEYS: 'short', MODEL_PORT: '9', WORKER_PORT: '9' }, { models }),
  ).toEqual([
    'GATEWAY_PORT must be a whole number from 0 to 65535 (it is "x")',
    'MODEL_PORT and WORKER_PORT are both 9',
    'Item 1 of API_KEYS has a key of fewer than 16 characters',
    'models.yaml:2: providers › acme › base_url: Must be a URL',
  ]);
});

it('rejects a line of .env that sets no variable', () => {
  expect(problemsOf({}, { dotEnv: 'GATEWAY_PORT=0\nACME_API_KEY sk-1\n' })).toEqual([
    '.env:2: The line is neither NAME=value nor a comment',
  ]);
});

it.each(['localhost:8080', 'http://ada:hunter2@127.0.0.1:8080'])(
  'reports the invalid address %s of a provider once',
  (address) => {
    const models = 'providers:\n  own: { base_url_variable: OPENAI_BASE_URL }\n';
    expect(problemsOf({ OPENAI_BASE_URL: address }, { models })).toEqual([expect.stringMatching(/^OPENAI_BASE_URL must /)]);
  },
);

it('names every way to write a flag in the error of another value', () => {
  expect(problemsOf({ USE_MOCK: 'maybe' })).toEqual([
    'USE_MOCK must be true or false; yes, no, on, off, 1 and 0 mean the same (it is "maybe")',
  ]);
  for (const text of ['true', 'yes', 'on', '1']) expect(load({ USE_MOCK: text }).configuration.USE_MOCK).toBe(true);
  for (const text of ['false', 'no', 'off', '0']) expect(load({ USE_MOCK: text }).configuration.USE_MOCK).toBe(false);
});

it('warns about variables without effect, but not about those of the models file and of the command line', () => {
  const dotEnv = 'OTHER=1\nLOCAL_URL=http://127.0.0.1:1\n';
  const { warnings } = load({ ACME_API_KEY: 'your-key-here', PRODIGON_API_KEY: 'x' }, { dotEnv });
  expect(warnings).toEqual([
    '.env sets OTHER, which Prodigon does not know',
    'ACME_API_KEY holds a placeholder instead of a key; it is ignored',
  ]);
});

it('warns once about a public host without keys', () => {
  const env = { HOST: '0.0.0.0', ALLOW_ANONYMOUS: 'true' };
  expect(load(env).warnings).toEqual([
    'ALLOW_ANONYMOUS is true and HOST is 0.0.0.0: everyone who can reach that address can use the platform without a key',
  ]);
  expect(load({ ...env, API_KEYS: 'key-of-these-tests-0123' }).warnings).toEqual([]);
  expect(load({ ...env, HOST: '127.0.0.1' }).warnings).toEqual([]);
});

it('warns about labs that other machines can reach', () => {
  const env = { LABS: 'on', API_KEYS: 'key-of-these-tests-0123' };
  expect(load({ ...env, HOST: '0.0.0.0' }).warnings).toEqual([
    'LABS is on and HOST is 0.0.0.0: clients on other machines can run the code in the folder my/',
  ]);
  expect(load({ ...env, HOST: '127.0.0.1' }).warnings).toEqual([]);
});
