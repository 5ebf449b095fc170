import { expect, it } from 'vitest';
import { apiKeyNameSchema } from './api-keys.ts';

it.each(['ada', 'Ada Lovelace', 'ci-2.prod_eu@example.org', 'Zoë', '田中', '7'])('accepts the name %j', (name) => {
  expect(apiKeyNameSchema.safeParse(name).success).toBe(true);
});

it.each(['', 'ada ', ' ada', 'a  b', 'ada\n', '\uFF41da', '\uFB01n', 'e\u0301', '-ada', 'a/b', 'a'.repeat(65)])(
  'refuses the name %j, which looks like another one or is not suitable',
  (name) => {
    expect(apiKeyNameSchema.safeParse(name).success).toBe(false);
  },
);
