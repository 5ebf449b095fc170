import { expect, it } from 'vitest';
import { createApiKeyValue, hashApiKey, isApiKeyValue } from './api-key-value.ts';

it('creates values with a prefix and a checksum that never repeat', () => {
  const values = Array.from({ length: 200 }, createApiKeyValue);
  expect(new Set(values).size).toBe(200);
  for (const value of values) expect(value).toMatch(/^prodigon_[0-9A-Za-z]{39}$/);
  expect(values.every(isApiKeyValue)).toBe(true);
});

it('recognizes a value with one wrong character', () => {
  const value = createApiKeyValue();
  for (let index = 0; index < value.length; index += 1) {
    const wrong = value[index] === 'x' ? 'y' : 'x';
    expect(isApiKeyValue(`${value.slice(0, index)}${wrong}${value.slice(index + 1)}`)).toBe(false);
  }
  for (const text of ['', 'prodigon_', `${value}x`, value.slice(0, -1), value.replace('prodigon_', 'sk-'), `${value}\n`])
    expect(isApiKeyValue(text)).toBe(false);
});

it('hashes values with SHA-256', () => {
  expect(hashApiKey('prodigon_').toString('hex')).toMatch(/^[0-9a-f]{64}$/);
  expect(hashApiKey('a')).toEqual(hashApiKey('a'));
  expect(hashApiKey('a')).not.toEqual(hashApiKey('b'));
});
