import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { REPOSITORY_ROOT } from '../repository.ts';
import { loadModelsFile } from './load-models-file.ts';
import { modelsFileSchema } from './models-file-schema.ts';

const page = readFileSync(join(REPOSITORY_ROOT, 'docs/architecture/providers.md'), 'utf8');

interface JsonSchema {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
}

/** Every name that may stand in the file, those that people choose left out. */
function fieldsOf({ properties = {}, additionalProperties, anyOf = [] }: JsonSchema): string[] {
  const inner = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...Object.keys(properties), ...[...Object.values(properties), ...inner, ...anyOf].flatMap(fieldsOf)];
}

it('the page about providers names every field of the file', () => {
  const fields = new Set(fieldsOf(z.toJSONSchema(modelsFileSchema) as JsonSchema));
  expect(fields.size).toBeGreaterThan(25);
  const named = page.replace(/[^a-z_]+/g, ' ').split(' ');
  expect([...fields].filter((field) => !named.includes(field))).toEqual([]);
});

it('the examples of the page about providers fit the file', () => {
  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  expect(examples).toHaveLength(2);
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'models.yaml'), examples.join(''));
  const { providers, policy } = loadModelsFile({ directory, path: 'models.yaml', env: { ACME_API_KEY: 'sk-any' } });
  expect(providers).toMatchObject([{ name: 'acme', baseUrls: ['https://api.acme.example/v1'] }]);
  expect(policy).toEqual({ attempts_max: 3, breaker: { failures_max: 10 } });
});
