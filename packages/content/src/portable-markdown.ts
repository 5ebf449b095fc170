import { posix } from 'node:path';
import { decodeUrlPart, readerPath } from '@prodigon/contracts';
import type { Token, Tokens } from 'marked';

/**
 * Renders the tokens of the page at `path` as Markdown for other pages: links to pages lead to the web UI, reference links
 * contain their address. Images and HTML are omitted.
 */
export function portableMarkdown(tokens: readonly Token[], path: string): string {
  const blocks = tokens.map((token) => portableBlock(token, path).trimEnd());
  return blocks.filter((block) => block.trim() !== '').join('\n\n');
}

function portableBlock(token: Token, path: string): string {
  if (token.type === 'space' || token.type === 'def' || token.type === 'html' || token.type === 'hr') return '';
  return rewrite(token, path);
}

/** Returns the source of a token with its children rewritten. */
function rewrite(token: Token, path: string): string {
  if (token.type === 'link') return rewriteLink(token as Tokens.Link, path);
  if (token.type === 'image' || token.type === 'html') return '';
  let source = token.raw;
  let from = 0;
  for (const child of childrenOf(token)) {
    const at = source.indexOf(child.raw, from);
    const rewritten = rewrite(child, path);
    // Nested list items lose their indentation, so their source is not found in the parent and stays unchanged.
    if (at < 0) continue;
    source = source.slice(0, at) + rewritten + source.slice(at + child.raw.length);
    from = at + rewritten.length;
  }
  return source;
}

function childrenOf(token: Token): readonly Token[] {
  if (token.type === 'list') return (token as Tokens.List).items;
  if (token.type === 'table') {
    const table = token as Tokens.Table;
    return [table.header, ...table.rows].flat().flatMap((cell) => cell.tokens);
  }
  return 'tokens' in token && token.tokens ? token.tokens : [];
}

function rewriteLink(link: Tokens.Link, path: string): string {
  const label = link.tokens.map((token) => rewrite(token, path)).join('');
  const target = portableTarget(link.href, path);
  return target && label.trim() ? `[${label}](${target})` : label;
}

/** Returns null when the web UI cannot show the target, e.g. a source file. */
function portableTarget(href: string, path: string): string | null {
  if (/^(https?:|mailto:)/i.test(href)) return href;
  const [target = '', anchor] = href.split('#', 2);
  if (target === '') return readerPath(path, anchor);
  if (!target.endsWith('.md') || /^[a-z][a-z\d+.-]*:/i.test(target) || target.startsWith('/')) return null;
  const resolved = posix.join(posix.dirname(path), decodeUrlPart(target));
  return resolved.startsWith('..') ? null : readerPath(resolved, anchor);
}
