/** Decodes a part of a URL. Returns it unchanged when it has a `%` that starts no escape, as in unescaped passwords. */
export function decodeUrlPart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
