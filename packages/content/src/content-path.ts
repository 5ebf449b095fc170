import { AppError } from '@prodigon/contracts';

const HIDDEN_FOLDERS = new Set(['solution', 'wrong-solutions', 'mutants', 'starter', 'node_modules']);
const HIDDEN_FILES = new Set(['instructor.md']);

/**
 * Returns a client's path after checking it. A path must be relative, with forward slashes, without `.`, `..` or empty
 * segments. Percent-encoding is rejected: the HTTP layer decodes once, so double encoding would bypass the check. Throws
 * `INVALID_PATH`.
 */
export function checkContentPath(path: string): string {
  const isPlain = path.length > 0 && path.length <= 1024 && !/[\\\p{Cc}]|%[\da-f]{2}/iu.test(path) && !/^[a-z]:/i.test(path);
  const segments = path.split('/');
  if (!isPlain || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new AppError('INVALID_PATH');
  }
  return path;
}

/**
 * Returns whether a path is hidden from readers: solutions, mutants, starters, instructor notes and dot files. Ignores
 * case, because some file systems do.
 */
export function isHidden(path: string): boolean {
  const segments = path.toLowerCase().split('/');
  const name = segments.at(-1) ?? '';
  return HIDDEN_FILES.has(name) || segments.some((segment) => segment.startsWith('.') || HIDDEN_FOLDERS.has(segment));
}

/** Returns whether the path is one of the entries or inside one. The entry `.` contains everything. */
export function isInside(path: string, entries: readonly string[]): boolean {
  return entries.some((entry) => entry === '.' || path === entry || path.startsWith(`${entry}/`));
}
