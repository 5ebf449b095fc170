import { AppError } from '@prodigon/contracts';

const HIDDEN_FOLDERS = new Set(['solution', 'mutants', 'starter', 'node_modules']);
const HIDDEN_FILES = new Set(['instructor.md']);

/**
 * Checks a path that a caller sent and returns it. Only the plain form is taken: relative, forward
 * slashes, no `.`, `..` or empty segment, nothing percent-encoded (the HTTP layer has decoded once, so
 * what is still encoded was meant to slip through). Throws `INVALID_PATH`.
 */
export function checkContentPath(path: string): string {
  const plain = path.length > 0 && path.length <= 1024 && !/[\\\p{Cc}]|%[\da-f]{2}/iu.test(path) && !/^[a-z]:/i.test(path);
  const segments = path.split('/');
  if (!plain || segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new AppError('INVALID_PATH');
  }
  return path;
}

/**
 * Is the path kept from readers: solutions, mutants, starters, instructor notes, dot files? Ignores case,
 * because some file systems do.
 */
export function isHidden(path: string): boolean {
  const segments = path.toLowerCase().split('/');
  const name = segments.at(-1) ?? '';
  return HIDDEN_FILES.has(name) || segments.some((segment) => segment.startsWith('.') || HIDDEN_FOLDERS.has(segment));
}

/** Is the path one of the entries, or inside one? The entry `.` holds everything. */
export function isInside(path: string, entries: readonly string[]): boolean {
  return entries.some((entry) => entry === '.' || path === entry || path.startsWith(`${entry}/`));
}
