export type SafeLink =
  /** Another page of this interface: the router takes it. */
  | { kind: 'internal'; href: string }
  /** This origin, but not the interface (`/docs`, `/openapi.json`): an ordinary link. */
  | { kind: 'origin'; href: string }
  | { kind: 'external'; href: string }
  /** Shown as text: a scheme that may run code, or a path that means nothing here. */
  | { kind: 'blocked' };

const BLOCKED: SafeLink = { kind: 'blocked' };
const PAGES = /^\/(?:chat|read|dashboard)(?:[/?#]|$)/;

/**
 * What a link in text that we did not write may do. The URL parser decides, as the browser would:
 * it drops the tabs and line breaks that hide `java\nscript:` from a pattern.
 *
 * @param origin of the page, e.g. `https://example.com`
 */
export function safeLink(href: string, origin: string): SafeLink {
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(href.trim());
  if (!absolute && !href.startsWith('/')) return BLOCKED;
  const url = URL.parse(href, origin);
  if (!url) return BLOCKED;
  if (url.protocol === 'mailto:') return { kind: 'external', href: url.href };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return BLOCKED;
  if (url.origin !== origin) return { kind: 'external', href: url.href };
  const path = url.pathname + url.search + url.hash;
  return { kind: PAGES.test(path) ? 'internal' : 'origin', href: path };
}

/** The address of an image that may be fetched when the reader asks for it, else undefined. */
export function safeImage(href: string): string | undefined {
  const url = URL.parse(href);
  return url?.protocol === 'https:' ? url.href : undefined;
}
