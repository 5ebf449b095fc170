import type { ProviderState } from '@prodigon/contracts';
import { expect, it } from 'vitest';
import { keyHint } from './provider-labels.ts';

const FIXED: ProviderState = {
  name: 'acme',
  source: null,
  has_key: false,
  key_variable: 'ACME_API_KEY',
  base_url_variable: null,
  base_url: null,
};
const SERVER: ProviderState = { ...FIXED, base_url_variable: 'ACME_BASE_URL' };

it.each([
  ['is invalid for a provider that needs a key', FIXED, undefined],
  ['is valid for a server that may need no key', SERVER, 'Leave empty if the server requires none'],
  ['keeps a stored key', { ...FIXED, source: 'stored', has_key: true } as const, 'Leave empty to keep the stored key'],
  [
    'keeps the stored key of a server',
    { ...SERVER, source: 'stored', has_key: true } as const,
    'Leave empty to keep the stored key',
  ],
])('explains that an empty key field %s', (_case, provider, hint) => {
  expect(keyHint(provider)).toBe(hint);
});
