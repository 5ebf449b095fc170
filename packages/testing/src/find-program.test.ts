import { afterEach, expect, it, vi } from 'vitest';
import { findProgram, requireProgram } from './find-program.ts';

const MISSING = { names: ['no-such-program', 'nor-this-one'], debianPackage: 'no-such-package' };

afterEach(() => void vi.unstubAllEnvs());

it('a program that is there is found on PATH, by any of its names', () => {
  expect(findProgram({ names: ['no-such-program', 'sh'], debianPackage: 'dash' })).toMatch(/\/sh$/);
  vi.stubEnv('PATH', '/nowhere');
  expect(findProgram({ names: ['sh'], debianPackage: 'dash' })).toBeUndefined();
});

it('a program that is missing is an error that says what to install', () => {
  expect(() => requireProgram(MISSING)).toThrow(
    "The tests need no-such-program or nor-this-one on PATH. Install it, e.g. Debian's package no-such-package, and run them again.",
  );
});
