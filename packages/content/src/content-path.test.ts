import { describe, expect, it } from 'vitest';
import { checkContentPath, isHidden, isInside } from './content-path.ts';

describe('checkContentPath', () => {
  it.each(['a', 'docs/a b.md', 'docs/..a/b', 'docs/100%.md', 'a'.repeat(1_024)])('accepts %.40j', (path) => {
    expect(checkContentPath(path)).toBe(path);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/.',
    '..',
    'a/../b',
    'a\\b',
    'a%2fb',
    'a%2Eb',
    'a\nb',
    'a\u0085b',
    'c:a',
    'a'.repeat(1_025),
  ])('rejects %.40j', (path) => {
    expect(() => checkContentPath(path)).toThrow(expect.objectContaining({ code: 'INVALID_PATH' }));
  });
});

describe('isHidden', () => {
  it.each([
    'solution',
    'a/wrong-solutions/b.ts',
    'a/Mutants/b.md',
    'a/starter',
    'node_modules/a.md',
    'a/INSTRUCTOR.md',
    '.env',
    'a/.git/b',
  ])('hides %s', (path) => {
    expect(isHidden(path)).toBe(true);
  });

  it.each(['a.md', 'solutions/a.md', 'instructor.md/a.md', 'a/my-starter', 'a.b/c'])('shows %s', (path) => {
    expect(isHidden(path)).toBe(false);
  });
});

describe('isInside', () => {
  it('accepts entries and everything inside them, but no neighbours', () => {
    const paths = ['docs', 'docs/a.md', 'docs2/a.md', 'README.md', 'a.md'];
    expect(paths.map((path) => isInside(path, ['docs', 'README.md']))).toEqual([true, true, false, true, false]);
    expect(isInside('a.md', ['.'])).toBe(true);
    expect(isInside('a.md', [])).toBe(false);
  });
});
