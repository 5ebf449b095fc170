/** The first and the last byte of a part, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Resolves a `Range` header against `total` bytes. Returns undefined for a header that a server ignores: none, another unit,
 * several ranges, or a malformed one. See https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function resolveByteRange(header: string | undefined, total: number): ByteRange | 'unsatisfiable' | undefined {
  const [, start, end] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (start === undefined || end === undefined || (start === '' && end === '')) return undefined;
  if (start === '')
    return Number(end) === 0 || total === 0 ? 'unsatisfiable' : { first: Math.max(0, total - Number(end)), last: total - 1 };
  const first = Number(start);
  if (end !== '' && Number(end) < first) return undefined;
  if (first >= total) return 'unsatisfiable';
  return { first, last: end === '' ? total - 1 : Math.min(Number(end), total - 1) };
}

/** Returns whether `If-None-Match` lists an entity tag. The comparison is weak, because a proxy may weaken tags. */
export function matchesAnyTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => ['*', tag, `W/${tag}`].includes(each.trim()));
}
