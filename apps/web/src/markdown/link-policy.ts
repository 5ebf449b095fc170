import { GATEWAY_PREFIXES, WEB_UI_ROUTES } from '@prodigon/contracts';
import type { Tokens } from 'marked';
import { createContext, type ReactNode } from 'react';

export type LinkTarget =
  /** A page of the web UI, opened by the router. */
  | { kind: 'internal'; href: string }
  /** On this origin, but outside the web UI (`/docs`, `/openapi.json`): an ordinary link. */
  | { kind: 'origin'; href: string }
  | { kind: 'external'; href: string }
  /** Shown as text: a scheme that may run code, or a path that does not resolve here. */
  | { kind: 'blocked' };

const BLOCKED: LinkTarget = { kind: 'blocked' };

/**
 * Resolves a link in untrusted text. It uses the URL parser, as browsers do, because that drops the tabs and
 * line breaks that hide `java\nscript:` from a pattern.
 *
 * @param origin of the web UI, such as `https://example.com`
 */
export function safeLink(href: string, origin: string): LinkTarget {
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(href.trim());
  if (!isAbsolute && !href.startsWith('/')) return BLOCKED;
  const url = URL.parse(href, origin);
  if (!url) return BLOCKED;
  if (url.protocol === 'mailto:') return { kind: 'external', href: url.href };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return BLOCKED;
  if (url.origin !== origin) return { kind: 'external', href: url.href };
  const path = url.pathname + url.search + url.hash;
  return { kind: isWebUiPath(url.pathname) ? 'internal' : 'origin', href: path };
}

const isAtOrBelow = (pathname: string, routes: readonly string[]) =>
  routes.some((route) => pathname === route || pathname.startsWith(`${route}/`));

/** Whether the path is a route of the web UI or below one. */
function isWebUiPath(pathname: string): boolean {
  return isAtOrBelow(pathname, Object.values(WEB_UI_ROUTES));
}

/** Whether this origin serves a path, which may have a query and a fragment: the web UI or the gateway itself. */
export function isServedPath(href: string): boolean {
  const pathname = href.replace(/[?#].*$/s, '');
  // The repository has a folder of the same name as the API reference.
  return isWebUiPath(pathname) || (isAtOrBelow(pathname, GATEWAY_PREFIXES) && !pathname.endsWith('.md'));
}

/** Returns the URL of a remote image if it may be loaded on request, else undefined. */
export function safeImage(href: string): string | undefined {
  const url = URL.parse(href);
  return url?.protocol === 'https:' ? url.href : undefined;
}

export interface ImageSource {
  src: string;
  /** True for images of remote servers, which would learn the user's IP address. */
  isOnRequest: boolean;
}

/** How the context of a Markdown text resolves its links, images and heading ids, and renders special fences. */
export interface MarkdownRules {
  link: (href: string) => LinkTarget | { kind: 'anchor'; href: string };
  image: (href: string) => ImageSource | undefined;
  headingId: (heading: Tokens.Heading) => string | undefined;
  /** Renders a fence as something other than code, e.g. a diagram; undefined for code. */
  fence?: (fence: Tokens.Code) => ReactNode | undefined;
}

/** For text from a model: relative links do not resolve, and headings have no ids. */
export const untrustedRules: MarkdownRules = {
  link: (href) => safeLink(href, location.origin),
  image: (href) => {
    const src = safeImage(href);
    return src ? { src, isOnRequest: true } : undefined;
  },
  headingId: () => undefined,
};

export const MarkdownRulesContext = createContext<MarkdownRules>(untrustedRules);
