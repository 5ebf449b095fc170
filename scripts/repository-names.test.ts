import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPhrases, findTerms, parseNamingRules } from './naming-rules.test-support.ts';

const ROOT = resolve(import.meta.dirname, '..');
const NAMING = 'docs/contributing/naming.md';
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', '.git', '.prodigon', '.peers', '.clients']);

function listFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(path);
    return [path];
  });
}

const FILES = listFiles('.');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const TYPESCRIPT = FILES.filter((path) => /\.tsx?$/.test(path)).map((path) => ({ path, text: read(path) }));
const MARKDOWN = FILES.filter((path) => path.endsWith('.md')).map((path) => ({ path, text: read(path) }));

describe('file names', () => {
  const productionFiles = FILES.filter((path) => !/\.test(-support)?\.tsx?$|\/e2e\//.test(path));
  it.each([
    ['circuit breaker', /circuit-breaker[^/]*\.ts$/],
    ['SSE', /\bsse\b[^/]*\.ts$/],
    ['add a provider', /add[^/]*provider[^/]*\.md$|\/providers?\//],
    ['route', /\.routes\.ts$/],
    ['job status', /job-status[^/]*\.ts$/],
    ['error code', /error-codes?\.ts$/],
    ['setting', /settings?\.ts$/],
    ['web page', /-page\.tsx$/],
    ['authentication', /authentication\.ts$/],
    ['migrations', /migrations?(\.ts$|\/)/],
    ['retry', /\bretry\b[^/]*\.ts$/],
    ['readiness', /\breadiness\b[^/]*\.ts$/],
    ['CORS', /\bcors\.ts$/],
    ['graceful shutdown', /graceful-shutdown\.ts$/],
  ])('finds a file name for the search term %s', (_subject, name) => {
    expect(productionFiles.filter((path) => name.test(path))).not.toEqual([]);
  });
});

describe('the terms of docs/contributing/naming.md', () => {
  const rules = parseNamingRules(read(NAMING));

  it('reads terms and phrases from the naming page', () => {
    expect(rules.terms.length).toBeGreaterThan(10);
    expect(rules.phrases).toContain('in place of');
  });

  it('finds no forbidden term in identifiers, file names and test titles', () => {
    const names = FILES.filter((path) => /\.(tsx?|mjs)$/.test(path));
    const hits = [
      ...names.flatMap((path) =>
        rules.terms.filter((term) => term.test(path)).map((term) => `${path}: file name (${term.source})`),
      ),
      ...TYPESCRIPT.flatMap(({ path, text }) =>
        findTerms(text, rules.terms).map(({ line, found, term }) => `${path}:${line}: ${found} (${term.source})`),
      ),
    ];
    expect(hits).toEqual([]);
  });

  it('finds no forbidden phrase in prose', () => {
    const hits = [...TYPESCRIPT, ...MARKDOWN]
      .filter(({ path }) => path !== NAMING && !/^scripts\/(repository-names|naming-rules)/.test(path))
      .flatMap(({ path, text }) => findPhrases(text, rules.phrases).map(({ line, found }) => `${path}:${line}: ${found}`));
    expect(hits).toEqual([]);
  });
});

describe('classes', () => {
  it('finds no class without a superclass', () => {
    const alone = /\bclass\b(?:\s+[A-Z]\w*(?:<[^{>]*>)?)?\s*(?:implements\b[^{]*)?\{/;
    expect(TYPESCRIPT.filter(({ text }) => alone.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('finds no error class whose name does not end in Error', () => {
    const errors = TYPESCRIPT.flatMap(({ path, text }) =>
      [...text.matchAll(/\bclass\s+(\w+)\s+extends\s+\w*Error\b/g)].map(([, name = '']) => ({ path, name })),
    );
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.filter(({ name }) => !name.endsWith('Error'))).toEqual([]);
  });
});
