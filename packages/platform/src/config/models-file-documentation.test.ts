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

/** Returns every field name of the schema, without the names that users choose. */
function fieldsOf({ properties = {}, additionalProperties, anyOf = [] }: JsonSchema): string[] {
  const inner = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...Object.keys(properties), ...[...Object.values(properties), ...inner, ...anyOf].flatMap(fieldsOf)];
}

it('the providers page documents every field of the models file', () => {
  const fields = new Set(fieldsOf(z.toJSONSchema(modelsFileSchema) as JsonSchema));
  expect(fields.size).toBeGreaterThan(25);
  const named = page.replace(/[^a-z_]+/g, ' ').split(' ');
  expect([...fields].filter((field) => !named.includes(field))).toEqual([]);
});

it('the examples on the providers page are valid', () => {
  const examples = [...page.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  expect(examples).toHaveLength(2);
  const directory = mkdtempSync(join(tmpdir(), 'prodigon-models-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'models.yaml'), examples.join(''));
  const { providers, policy } = loadModelsFile({ directory, path: 'models.yaml', env: { ACME_API_KEY: 'sk-any' } });
  expect(providers).toMatchObject([{ name: 'acme', baseUrls: ['https://api.acme.example/v1'] }]);
  expect(policy).toEqual({ attempts_max: 3, breaker: { failures_max: 10 } });
});
