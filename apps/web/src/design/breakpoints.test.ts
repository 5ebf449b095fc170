import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** The names of Tailwind, which ignores a class with a breakpoint that the theme does not have. */
const BREAKPOINT_VARIANT = /\b(?:max-)?(xs|sm|md|lg|xl|2xl|3xl):[a-z[-]/g;

it('styles no element for a screen size that the theme does not have', () => {
  const tokens = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');
  const known = new Set([...tokens.matchAll(/--breakpoint-(\w+):/g)].map(([, name]) => name));
  const source = join(import.meta.dirname, '..');
  const unknown = globSync('**/*.tsx', { cwd: source }).flatMap((file) =>
    [...readFileSync(join(source, file), 'utf8').matchAll(BREAKPOINT_VARIANT)]
      .filter(([, name]) => !known.has(name))
      .map(([variant]) => `${file}: ${variant}`),
  );
  expect(unknown).toEqual([]);
});
