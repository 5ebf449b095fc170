import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** Returns the text of a file of the repository. */
export const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Returns the paths of the Markdown pages in a folder; none for a folder that does not exist. */
export const markdownIn = (folder: string): string[] =>
  !existsSync(join(ROOT, folder))
    ? []
    : readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.md'))
        .map((path) => join(folder, path));

/** Returns Markdown without fenced code blocks, whose lines are neither headings, links nor inline code. */
export const proseOf = (markdown: string) => markdown.replace(/^```[\s\S]*?^```/gm, '');

export const DOCUMENTS: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...markdownIn('docs'),
  ...markdownIn('workshop'),
];
