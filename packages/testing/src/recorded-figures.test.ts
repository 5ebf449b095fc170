import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownIn, ROOT, read } from './documents.test-support.ts';
import { renderClaims } from './lessons/render-claims.ts';

const readResult = (path: string) => (existsSync(join(ROOT, path)) ? read(path) : undefined);
const pages = markdownIn('docs/operations').filter((path) => read(path).includes('<!-- claim'));

describe.each(pages)('%s', (path) => {
  const problems: string[] = [];
  const lines = read(path).split('\n');
  const rendered = lines.map((line, index) =>
    renderClaims(line, readResult, (problem) => problems.push(`line ${index + 1}: ${problem}`)),
  );

  it('cites results that exist', () => expect(problems).toEqual([]));

  // With `--update`, vitest writes the page.
  it('contains the recorded figures', () => expect(rendered.join('\n')).toMatchFileSnapshot(join(ROOT, path)));
});

it('finds the page about scaling', () => expect(pages).toContain('docs/operations/scale.md'));
