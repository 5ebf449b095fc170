import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { providerTitle } from './provider-title.ts';

const MODELS_FILE = new URL('../../../../../config/models.yaml', import.meta.url);

it('has a title for each provider of config/models.yaml', () => {
  const [, providers = ''] = readFileSync(MODELS_FILE, 'utf8').split(/^providers:$/m);
  const names = [...providers.matchAll(/^ {2}([\w.-]+):/gm)].map(([, name = '']) => name);
  expect(names).toContain('groq');
  expect(names.filter((name) => providerTitle(name) === name)).toEqual(['llama.cpp']);
});

it('shows the id of any other provider', () => {
  expect([providerTitle('acme'), providerTitle('constructor')]).toEqual(['acme', 'constructor']);
});
