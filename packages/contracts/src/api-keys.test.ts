import { expect, it } from 'vitest';
import { API_KEY_PREFIX, apiKeyNameSchema, createApiKeyRequestSchema } from './api-keys.ts';

it.each(['ada', 'Ada Lovelace', 'ci-2.prod_eu@example.org', 'Zoë', '田中', '7'])('accepts the name %j', (name) => {
  expect(apiKeyNameSchema.safeParse(name).success).toBe(true);
});

it.each(['', 'ada ', ' ada', 'a  b', 'ada\n', '\uFF41da', '\uFB01n', 'e\u0301', '-ada', 'a/b', 'a'.repeat(65)])(
  'refuses the name %j, which looks like another one or is not suitable',
  (name) => {
    expect(apiKeyNameSchema.safeParse(name).success).toBe(false);
  },
);

it.each(['name', 'owner'])('refuses the value of a key as the %s of a new one', (field) => {
  const request = { name: 'ci', owner: 'ada', [field]: `${API_KEY_PREFIX}0123456789abcdef` };
  expect(createApiKeyRequestSchema.safeParse({ name: 'ci', owner: 'ada' }).success).toBe(true);
  expect(createApiKeyRequestSchema.safeParse(request).error?.issues).toMatchObject([
    { path: [field], message: 'Must not be the value of a key' },
  ]);
});
