import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clearSubmissionKey, createIdempotencyKey, submissionKey } from './idempotency-key.ts';

let saved: Map<string, string>;
beforeEach(() => {
  saved = new Map();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => saved.get(key) ?? null,
    setItem: (key: string, value: string) => saved.set(key, value),
    removeItem: (key: string) => saved.delete(key),
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('creates a random key of 32 hexadecimal digits', () => {
  expect(createIdempotencyKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(createIdempotencyKey()).not.toBe(createIdempotencyKey());
});

it('returns the same key for the same submission and another key for a changed one', () => {
  const key = submissionKey('one');
  expect(submissionKey('one')).toBe(key);
  const other = submissionKey('two');
  expect(other).not.toBe(key);
  expect(submissionKey('two')).toBe(other);
});

it('returns different keys for submissions that differ in one character', () => {
  const keys = ['ab', 'ba', 'a', 'b', 'aa'].map(submissionKey);
  expect(new Set(keys).size).toBe(keys.length);
});

it('returns another key for an equal submission after it is cleared', () => {
  const key = submissionKey('one');
  clearSubmissionKey();
  expect(submissionKey('one')).not.toBe(key);
});

it('returns a key even if the storage is full', () => {
  vi.stubGlobal('sessionStorage', {
    getItem: () => null,
    setItem: () => {
      throw new Error('QuotaExceededError');
    },
  });
  expect(submissionKey('one')).toMatch(/^[0-9a-f]{32}$/);
});
