import { posix } from 'node:path';
import { readerPath } from '@prodigon/contracts';
import type { Token, Tokens } from 'marked';

/**
 * A page's tokens as Markdown that may be shown elsewhere: links to other pages lead to the reader,
 * reference links carry their address, pictures become their description, HTML is left out.
 * `path` is the page that they come from.
 */
export function portableMarkdown(tokens: readonly Token[], path: string): string {
  const blocks = tokens.map((token) => portableBlock(token, path).trimEnd());
  return blocks.filter((block) => block.trim() !== '').join('\n\n');
}

function portableBlock(token: Token, path: string): string {
  if (token.type === 'space' || token.type === 'def' || token.type === 'html' || token.type === 'hr') return '';
  return rewrite(token, path);
}

/** The token's own source, with what its children became put in the place of theirs. */
function rewrite(token: Token, path: string): string {
  if (token.type === 'link') return rewriteLink(token as Tokens.Link, path);
  if (token.type === 'image') return (token as Tokens.Image).text;
  if (token.type === 'html') return '';
  let source = token.raw;
  let from = 0;
  for (const child of childrenOf(token)) {
    const at = source.indexOf(child.raw, from);
    const rewritten = rewrite(child, path);
    // List items nest by indentation: a child's source then differs from the parent's and stays as it is.
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
  return target ? `[${label}](${target})` : label;
}

/** Null when the link leads to something that the reader cannot show, such as a source file. */
function portableTarget(href: string, path: string): string | null {
  if (/^(https?:|mailto:)/i.test(href)) return href;
  const [target = '', anchor] = href.split('#', 2);
  if (target === '') return readerPath(path, anchor);
  if (!target.endsWith('.md') || /^[a-z][a-z\d+.-]*:/i.test(target) || target.startsWith('/')) return null;
  const resolved = posix.join(posix.dirname(path), decodeLink(target));
  return resolved.startsWith('..') ? null : readerPath(resolved, anchor);
}

function decodeLink(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}
