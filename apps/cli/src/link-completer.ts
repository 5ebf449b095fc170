/** The beginning of a link to the web UI, which the offline tutor writes without the address of the platform. */
const LINK = '](/read/';

/** Adds the address of the platform to the links in a text that arrives in parts. */
export function createLinkCompleter(baseUrl: string) {
  let rest = '';
  return {
    /** Returns the text so far, without an end that may be the beginning of a link. */
    add(part: string): string {
      const text = (rest + part).replaceAll(LINK, `](${baseUrl}/read/`);
      rest = endThatMayBeginLink(text);
      return text.slice(0, text.length - rest.length);
    },
    /** Returns the rest of the text. */
    end: (): string => rest,
  };
}

function endThatMayBeginLink(text: string): string {
  for (let length = LINK.length - 1; length > 0; length -= 1)
    if (text.endsWith(LINK.slice(0, length))) return LINK.slice(0, length);
  return '';
}
