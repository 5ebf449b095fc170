import { expect, it } from 'vitest';
import { isPlaceholderKey } from './placeholder-key.ts';

it.each([
  'your-key-here',
  'your_api_key',
  'YOUR_OPENAI_API_KEY',
  'yourapikey',
  'sk-your-key',
  'sk-...',
  'sk-proj-...',
  'gsk_...',
  'gsk_xxxxxxxx',
  'sk-abc...',
  'sk-…',
  'xxxx',
  '****',
  'changeme',
  'change-me',
  'CHANGE_THIS',
  '<key>',
  '<your OpenAI key>',
  '{key}',
  `\${OPENAI_API_KEY}`,
  '$OPENAI_API_KEY',
  'replace-with-your-key',
  'insert your key here',
  'placeholder',
  ' todo ',
])('recognizes %s as a placeholder', (text) => {
  expect(isPlaceholderKey(text)).toBe(true);
});

// Local servers accept any key, and their documentation uses the last ones.
it.each([
  'sk-0123456789abcdef',
  'gsk_0123456789abcdef',
  'sk-or-v1-0123',
  'key-1',
  'my-secret-key',
  'EMPTY',
  'none',
  'dummy',
  'ollama',
  'sk-no-key-required',
  'sk-1234',
  '',
])('accepts %s as a key', (text) => {
  expect(isPlaceholderKey(text)).toBe(false);
});
