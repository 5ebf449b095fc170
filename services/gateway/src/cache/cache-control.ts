import type { CacheControl } from '@prodigon/ports';

/** Returns the strictest of the directives that the cache obeys, from the `Cache-Control` of a request (RFC 9111). */
export function readCacheControl(header: string | undefined): CacheControl | undefined {
  if (header === undefined) return undefined;
  const directives = header
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  return (['no-store', 'no-cache'] as const).find((each) => directives.includes(each));
}
