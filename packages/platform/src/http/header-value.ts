/**
 * Percent-encodes the characters that a header cannot contain. Works on whole code points, because half of an emoji has
 * no encoding. A lone surrogate becomes U+FFFD.
 */
export function encodeHeaderValue(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]/gu, encodeURIComponent);
}
