import type { MarkedToken, Token } from 'marked';
import { Fragment, type ReactNode } from 'react';
import { decodeEntities } from './decode-entities.ts';
import { MarkdownImage } from './markdown-image.tsx';
import { MarkdownLink } from './markdown-link.tsx';

const LINE_BREAK_TAG = /^<br\s*\/?>$/i;
const COMMENT = /^<!--[\s\S]*-->\s*$/;

/** Inline tokens as elements. Never an HTML string: what is not known here is shown as its own source. */
export function Inline({ tokens }: { tokens: readonly Token[] }): ReactNode {
  return tokens.map((token, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place.
    return <Fragment key={index}>{inlineOf(token as MarkedToken)}</Fragment>;
  });
}

function inlineOf(token: MarkedToken): ReactNode {
  switch (token.type) {
    case 'text':
      return token.tokens ? <Inline tokens={token.tokens} /> : decodeEntities(token.text);
    case 'escape':
      return token.text;
    case 'strong':
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      );
    case 'codespan':
      return <code>{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return (
        <MarkdownLink token={token}>
          <Inline tokens={token.tokens} />
        </MarkdownLink>
      );
    case 'image':
      return <MarkdownImage token={token} />;
    case 'checkbox':
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? 'Done' : 'Not done'} />;
    case 'html':
      if (COMMENT.test(token.raw)) return null;
      return LINE_BREAK_TAG.test(token.raw) ? <br /> : <span className="raw-html">{token.raw}</span>;
    default:
      return token.raw;
  }
}
