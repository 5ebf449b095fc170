import { decodeEntities } from '@prodigon/contracts/markdown';
import { ImageIcon } from 'lucide-react';
import type { MarkedToken, Token, Tokens } from 'marked';
import { Fragment, type ReactNode, useContext, useState } from 'react';
import { Link } from 'wouter';
import { Formula } from './formula.tsx';
import type { FormulaToken } from './formula-tokens.ts';
import { MarkdownRulesContext } from './link-policy.ts';
import type { FootnoteToken } from './literal-text.ts';

const LINE_BREAK_TAG = /^<br\s*\/?>$/i;
const COMMENT = /^<!--[\s\S]*-->\s*$/;

/** Renders inline tokens as React elements, never as an HTML string. Unknown tokens show their source. */
export function Inline({ tokens }: { tokens: readonly Token[] }): ReactNode {
  return tokens.map((token, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their position.
    return <Fragment key={index}>{inlineOf(token as MarkedToken | FootnoteToken | FormulaToken)}</Fragment>;
  });
}

function inlineOf(token: MarkedToken | FootnoteToken | FormulaToken): ReactNode {
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
    case 'formula':
      return <Formula token={token} />;
    case 'footnote':
      return <sup className="footnote">[{token.label}]</sup>;
    case 'checkbox':
      return <input type="checkbox" checked={token.checked} disabled aria-label={token.checked ? 'Done' : 'Not done'} />;
    case 'html':
      if (COMMENT.test(token.raw)) return null;
      return LINE_BREAK_TAG.test(token.raw) ? <br /> : <span className="raw-html">{token.raw}</span>;
    default:
      return token.raw;
  }
}

/** The fragment with which GitHub shows an image in one theme only. */
const THEME_FRAGMENT = /#gh-(light|dark)-mode-only$/;

/** Loads images of this platform immediately and remote images on request. For others, it shows the description. */
export function MarkdownImage({ token }: { token: Tokens.Image }): ReactNode {
  const rules = useContext(MarkdownRulesContext);
  const [isRequested, setRequested] = useState(false);
  const [isBroken, setBroken] = useState(false);
  const source = rules.image(decodeEntities(token.href));
  const description = decodeEntities(token.text) || 'Image without description';

  if (!source || isBroken) {
    return (
      <span className="image-placeholder" role="img" aria-label={description}>
        <ImageIcon aria-hidden size={16} /> {description}
      </span>
    );
  }
  if (source.isOnRequest && !isRequested) {
    return (
      <button type="button" className="image-placeholder" onClick={() => setRequested(true)}>
        <ImageIcon aria-hidden size={16} /> Load image from {new URL(source.src).host}: {description}
      </button>
    );
  }
  const theme = THEME_FRAGMENT.exec(token.href)?.[1];
  return (
    <img
      src={source.src}
      alt={description}
      className={theme && `only-${theme}`}
      title={token.title ?? undefined}
      referrerPolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

/** A link as the rules resolve it; a blocked link shows only its text. */
export function MarkdownLink({ token, children }: { token: Tokens.Link; children: ReactNode }): ReactNode {
  const rules = useContext(MarkdownRulesContext);
  const target = rules.link(token.autolink ? token.href : decodeEntities(token.href));
  switch (target.kind) {
    case 'internal':
      return <Link href={target.href}>{children}</Link>;
    case 'external':
      return (
        <a href={target.href} target="_blank" rel="noopener noreferrer">
          {children}
        </a>
      );
    case 'blocked':
      return (
        <span className="blocked-link" title={`This link cannot be opened here: ${token.href}`}>
          {children}
        </span>
      );
    default:
      return <a href={target.href}>{children}</a>;
  }
}
