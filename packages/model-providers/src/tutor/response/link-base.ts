/** Matches a link to the web UI. Labels may contain escaped and balanced brackets. */
const WEB_UI_LINK = /\[((?:\\.|[^\\[\]]|\[[^[\]]*\])*)\]\((\/read\/[^)\s]*)\)/g;

/**
 * Returns Markdown whose links to the web UI start with `linkBase`, e.g. `http://127.0.0.1:8000`. Leaves them relative
 * when it is undefined, and only their titles when it is empty.
 */
export function withLinkBase(markdown: string, linkBase: string | undefined): string {
  if (linkBase === undefined) return markdown;
  return markdown.replace(WEB_UI_LINK, (_link, label: string, target: string) =>
    linkBase === '' ? label : `[${label}](${linkBase}${target})`,
  );
}
