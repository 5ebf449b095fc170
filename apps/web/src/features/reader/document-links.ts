import { readerPath } from '@prodigon/contracts';
import { type ImageSource, isServedPath, type LinkTarget, safeImage, safeLink } from '../../markdown/link-policy.ts';

const HAS_SCHEME = /^[a-z][a-z0-9+.-]*:|^\/\//i;
/** Stands for the root of the repository while the URL parser resolves `..` and `.`. */
const ROOT = 'http://repository.invalid';

/** Resolves a link of a document: other documents and source files open in the reader, headings on this page. */
export function resolveDocumentLink(
  href: string,
  documentPath: string,
  origin: string,
): LinkTarget | { kind: 'anchor'; href: string } {
  if (href.startsWith('#')) return { kind: 'anchor', href };
  if (HAS_SCHEME.test(href) || isServedPath(href)) return safeLink(href, origin);
  const target = resolve(href, documentPath);
  const path = target?.path.replace(/\/$/, '');
  return target && path ? { kind: 'internal', href: readerPath(path, target.anchor) } : { kind: 'blocked' };
}

/** Resolves an image of a document: the gateway serves images of the repository; remote images load on request. */
export function resolveDocumentImage(href: string, documentPath: string): ImageSource | undefined {
  if (HAS_SCHEME.test(href)) {
    const src = safeImage(href);
    return src ? { src, isOnRequest: true } : undefined;
  }
  const target = resolve(href, documentPath);
  return target && { src: `/api/v1/content/asset?path=${encodeURIComponent(target.path)}`, isOnRequest: false };
}

/** Returns the document path of a reader URL, such as `docs/guide/a.md` for `/read/docs/guide/a.md`; null if it is malformed. */
export function pathFromUrl(pathname: string): string | null {
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

/** Whether the reader renders a path as a document. Everything else is source code. */
export function isDocument(path: string): boolean {
  return path.endsWith('.md');
}

/** Whether a path is in the list of documents. Other Markdown, such as CONTRIBUTING.md, belongs to the code. */
export function isListed(path: string, entries: readonly { path: string }[]): boolean {
  return entries.some((entry) => entry.path === path);
}

/** Returns the document that a URL shows: for `/read` alone the README, or else the first document. */
export function currentDocumentPath(pathname: string, entries: readonly { path: string }[]): string | null {
  const path = pathFromUrl(pathname);
  if (path !== '') return path;
  return entries.find((entry) => entry.path === 'README.md')?.path ?? entries[0]?.path ?? null;
}
