import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isHidden } from './content-path.ts';

/** Limits memory when a folder is configured by mistake. The repository has far fewer pages. */
const PAGES_MAX = 2_000;
const DEPTH_MAX = 12;
const byName = new Intl.Collator('en', { numeric: true });

/**
 * Returns the Markdown files of the entries in reading order: entries as given, in each folder README or index first,
 * then by name with `2-…` before `10-…`. Skips missing entries and symbolic links. Paths are relative to `root`.
 */
export async function listMarkdownFiles(root: string, entries: readonly string[]): Promise<string[]> {
  const paths = new Set<string>();
  for (const entry of entries) {
    const status = await lstat(join(root, entry)).catch(() => null);
    if (status?.isDirectory()) await walk(root, entry === '.' ? '' : entry, 0, paths);
    else if (status?.isFile()) add(entry, paths);
  }
  return [...paths];
}

async function walk(root: string, folder: string, depth: number, paths: Set<string>): Promise<void> {
  if (depth > DEPTH_MAX || paths.size >= PAGES_MAX) return;
  const children = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  for (const child of children.sort(readingOrder)) {
    const path = folder === '' ? child.name : `${folder}/${child.name}`;
    if (child.isFile()) add(path, paths);
    else if (child.isDirectory() && !isHidden(path)) await walk(root, path, depth + 1, paths);
  }
}

function add(path: string, paths: Set<string>): void {
  if (path.toLowerCase().endsWith('.md') && !isHidden(path) && paths.size < PAGES_MAX) paths.add(path);
}

function readingOrder(left: Dirent, right: Dirent): number {
  return rank(left) - rank(right) || byName.compare(left.name, right.name);
}

function rank(entry: Dirent): number {
  return entry.isFile() && /^(readme|index)\.md$/i.test(entry.name) ? 0 : 1;
}
