import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConfigurationError } from './load-configuration.ts';
import { loadModelsFile } from './load-models-file.ts';

/** Loads a file with one provider that has these lines. */
function load(lines: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-headers-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const text = ['providers:', '  acme:', '    base_url: https://acme.example', ...lines.map((line) => `    ${line}`)];
  writeFileSync(join(directory, 'models.yaml'), text.join('\n'));
  return loadModelsFile({ directory, path: 'models.yaml', env });
}

function problemsOf(lines: readonly string[], env: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    load(lines, env);
    return [];
  } catch (thrown) {
    return (thrown as ConfigurationError).problems;
  }
}

const headers = (...lines: string[]) => ['headers:', ...lines.map((line) => `  ${line}`)];

describe('the headers of a provider', () => {
  it('contain the values of variables, which count as secrets', () => {
    const env = { ACME_TOKEN: ' token-0123456789\n', ACME_TENANT: 'tenant-7' };
    const lines = headers(`X-Tenant: \${ACME_TENANT}`, `Authorization: Token \${ACME_TOKEN}`, 'X-Title: Prodigon');
    const { providers, variables } = load(lines, env);
    expect(providers).toMatchObject([
      {
        headers: { 'x-tenant': 'tenant-7', authorization: 'Token token-0123456789', 'x-title': 'Prodigon' },
        secrets: ['tenant-7', 'token-0123456789'],
      },
    ]);
    expect(variables).toEqual(['ACME_TENANT', 'ACME_TOKEN']);
  });

  it('are empty by default, and only the keys count as secrets', () => {
    const { providers } = load(['key_variable: ACME_KEY'], { ACME_KEY: 'key-1,key-2' });
    expect(providers).toMatchObject([{ headers: {}, secrets: ['key-1', 'key-2'] }]);
  });

  it.each([
    ['Connection: close', 'is a header that Prodigon sets itself'],
    ['transfer-encoding: chunked', 'is a header that Prodigon sets itself'],
    ['Host: other.example', 'is a header that Prodigon sets itself'],
    ['Content-Length: "7"', 'is a header that Prodigon sets itself'],
    ['X Space: a', 'is not a valid header name'],
    ['X-Lines: "a\\r\\nX-Other: b"', 'has a value with characters that a header cannot contain'],
    ['X-Text: "\\u20ac"', 'has a value with characters that a header cannot contain'],
    [`X-Token: \${acme}`, `has a value with an invalid variable: use e.g. \${ACME_TOKEN}`],
  ])('cannot be %s', (line, problem) => {
    const [name = ''] = line.split(':');
    expect(problemsOf(headers(line))).toEqual([`models.yaml:5: providers › acme › headers › ${name}: ${problem}`]);
  });

  it('cannot replace the key, nor differ only in case', () => {
    expect(problemsOf(['key_variable: ACME_KEY', ...headers('authorization: Token a', 'X-A: a', 'x-a: b')])).toEqual([
      'models.yaml:6: providers › acme › headers › authorization: contains the key: remove this header or key_variable',
      'models.yaml:8: providers › acme › headers › x-a: appears twice, in different case',
    ]);
  });

  it('require the variables of an enabled provider, and no message contains their values', () => {
    const lines = headers(`X-Token: \${ACME_TOKEN}`);
    expect(problemsOf(lines)).toEqual(['acme has a header X-Token with ACME_TOKEN, which is not set']);
    expect(problemsOf(['key_variable: ACME_KEY', ...lines])).toEqual([]);
    expect(problemsOf(lines, { ACME_TOKEN: 'hunter2\r\nX-Other: a' })).toEqual([
      'ACME_TOKEN has characters that a header cannot contain',
    ]);
  });
});
