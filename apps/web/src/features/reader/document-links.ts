import { readerPath } from '@prodigon/contracts';
import { type SafeLink, safeImage, safeLink } from '../../markdown/link-policy.ts';
import type { ImageSource } from '../../markdown/markdown-rules.ts';

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:|^\/\//i;
/** Stands for the repository's root while the URL parser works out `..` and `.`. */
const ROOT = 'http://repository.invalid';

/** A link of a document: another document opens in the reader, a heading is on this page, a source file is only named. */
export function resolveDocumentLink(
  href: string,
  documentPath: string,
  origin: string,
): SafeLink | { kind: 'anchor'; href: string } {
  if (href.startsWith('#')) return { kind: 'anchor', href };
  if (HAS_SCHEME.test(href) || href.startsWith('/read/')) return safeLink(href, origin);
  const target = resolve(href, documentPath);
  if (!target?.path.endsWith('.md')) return { kind: 'blocked' };
  return { kind: 'internal', href: readerPath(target.path, target.anchor) };
}

/** An image of the repository comes from the gateway; one of another server waits until it is asked for. */
export function resolveDocumentImage(href: string, documentPath: string): ImageSource | undefined {
  if (HAS_SCHEME.test(href)) {
    const src = safeImage(href);
    return src ? { src, askFirst: true } : undefined;
  }
  const target = resolve(href, documentPath);
  return target && { src: `/api/v1/content/asset?path=${encodeURIComponent(target.path)}`, askFirst: false };
}

/** The path of a page of the reader, e.g. `docs/guide/a.md` for `/read/docs/guide/a.md`; null for one that cannot be. */
export function pathOfPage(pathname: string): string | null {
  try {
    return pathname
      .replace(/^\/read\/?/, '')
      .split('/')
      .map(decodeURIComponent)
      .join('/');
  } catch {
    return null;
  }
}

function resolve(href: string, documentPath: string): { path: string; anchor: string } | undefined {
  const url = URL.parse(href, new URL(documentPath, `${ROOT}/`));
  if (!url || url.origin !== ROOT) return undefined;
  try {
    return { path: decodeURIComponent(url.pathname.slice(1)), anchor: url.hash.slice(1) };
  } catch {
    return undefined;
  }
}

/** The document that a page shows: `/read` alone shows the README, or the first there is. */
export function currentPath(pathname: string, entries: readonly { path: string }[]): string | null {
  const path = pathOfPage(pathname);
  if (path !== '') return path;
  return entries.find((entry) => entry.path === 'README.md')?.path ?? entries[0]?.path ?? null;
}
