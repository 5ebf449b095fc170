import { extname } from 'node:path';
import { isHidden, isInside } from './content-path.ts';

/**
 * The folders and files with the repository's own code. `config` is left out, because teams keep their settings there, and
 * so are other files of the root, which users may have put there.
 */
const ENTRIES = [
  'apps',
  'bench',
  'docs',
  'infra',
  'packages',
  'scripts',
  'services',
  'workshop',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'LICENSE',
  'Makefile',
  'SECURITY.md',
  'biome.json',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
/** Folders with installed, built or measured files. */
const GENERATED_FOLDERS = new Set(['node_modules', 'dist', 'coverage']);
const EXTENSIONS = new Set(
  'c cjs conf css csv go html js json jsonl md mjs mod mts proto py sh sql sse sum toml ts tsx txt yaml yml'
    .split(' ')
    .map((extension) => `.${extension}`),
);
const NAMES = new Set(['Dockerfile', 'LICENSE', 'Makefile']);

/** Returns whether the path is among the repository's code. */
export function isSourcePath(path: string): boolean {
  const isGenerated = path.split('/').some((segment) => GENERATED_FOLDERS.has(segment.toLowerCase()));
  return isInside(path, ENTRIES) && !isGenerated && !isHidden(path);
}

/** Returns whether the path of a file names a text format that readers can see. */
export function isSourceFile(path: string): boolean {
  return EXTENSIONS.has(extname(path).toLowerCase()) || NAMES.has(path.slice(path.lastIndexOf('/') + 1));
}
