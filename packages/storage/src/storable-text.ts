/** PostgreSQL's text cannot hold the character U+0000. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
