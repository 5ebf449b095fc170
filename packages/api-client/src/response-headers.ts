import { decodeUrlPart } from '@prodigon/contracts';

/** Returns the value of a query parameter in the `Link` header with this relation, or null. */
export function readLinkParameter(headers: Headers, relation: string, parameter: string): string | null {
  for (const [, url = '', attributes = ''] of (headers.get('link') ?? '').matchAll(/<([^>]*)>([^,]*)/g))
    if (new RegExp(`;\\s*rel="?${relation}"?\\s*(?:;|$)`).test(attributes))
      return new URL(url, 'http://localhost').searchParams.get(parameter);
  return null;
}

/** Returns the file name of a `Content-Disposition` header (RFC 6266), or null. */
export function readFileName(headers: Headers): string | null {
  const header = headers.get('content-disposition') ?? '';
  const [, encoded] = /filename\*=utf-8''([^;\s]+)/i.exec(header) ?? [];
  const [, quoted] = /filename="((?:[^"\\]|\\.)*)"/i.exec(header) ?? [];
  const [, token] = /filename=([^;\s"]+)/i.exec(header) ?? [];
  return (encoded && decodeUrlPart(encoded)) ?? quoted?.replace(/\\(.)/g, '$1') ?? token ?? null;
}
