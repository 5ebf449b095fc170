import { afterEach, expect, it, vi } from 'vitest';
import { ensureProgram, findProgram, requireProgram } from './find-program.ts';

const MISSING = { names: ['no-such-program', 'nor-this-one'], debianPackage: 'no-such-package' };

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it('finds a program on PATH by any of its names', () => {
  expect(findProgram({ names: ['no-such-program', 'sh'] })).toMatch(/\/sh$/);
  expect(findProgram({ names: ['sh', 'ls'] })).toMatch(/\/sh$/);
  vi.stubEnv('PATH', '/nowhere');
  expect(findProgram({ names: ['sh'] })).toBeUndefined();
});

it('names the package to install when a program is missing', () => {
  expect(() => requireProgram(MISSING)).toThrow(
    "The tests need no-such-program or nor-this-one on PATH. Install it, e.g. Debian's package no-such-package, and run them again.",
  );
});

it('accepts an installed variant when the preferred one cannot be installed', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1_000);
  expect(() => ensureProgram({ names: ['no-such-program', 'sh'], debianPackage: 'no-such-package' })).not.toThrow();
  expect(() => ensureProgram(MISSING)).toThrow('no-such-package');
});
