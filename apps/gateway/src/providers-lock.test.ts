import { expect, it } from 'vitest';
import { providersLockOf } from './providers-lock.ts';

it.each([
  ['127.0.0.1', false, 7, null],
  ['127.0.0.1', true, 7, /^USE_MOCK allows only/],
  ['0.0.0.0', false, 7, /^Other machines can reach this platform/],
  ['0.0.0.0', false, 1, /containers.*secrets\/GROQ_API_KEY and run make run-docker again\.$/],
  ['0.0.0.0', true, 1, /^USE_MOCK allows only/],
] as const)(
  'says why nobody can change the providers at %s with USE_MOCK %s and process id %i',
  (HOST, USE_MOCK, pid, expected) => {
    const lock = providersLockOf({ HOST, USE_MOCK }, pid);
    if (expected === null) expect(lock).toBeNull();
    else expect(lock).toMatch(expected);
  },
);
