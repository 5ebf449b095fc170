import { plainText } from '@prodigon/contracts/markdown';
import { Link2 } from 'lucide-react';
import type { MarkedToken, Token, Tokens } from 'marked';
import { memo, type ReactNode, useContext, useState } from 'react';
import { directionOf } from '../design/direction.ts';
import { createBlockSplitter } from './block-splitter.ts';
import { CodeBlock } from './code-block.tsx';
import { Inline } from './inline.tsx';
import { MarkdownRulesContext } from './link-policy.ts';
import { type Alert, alertOf } from './literal-text.ts';
import { MermaidDiagram } from './mermaid-diagram.tsx';

interface MarkdownProps {
  text: string;
  /** False while the text is still growing. */
  isComplete: boolean;
}

/** Renders Markdown as React elements. An update of a growing text costs as much as its last blocks. */
export function Markdown({ text, isComplete }: MarkdownProps) {
  const [splitter] = useState(() => createBlockSplitter());
  const { closed, open } = splitter.update(text, isComplete);
  return (
    <div className="prose prose-response">
      {[...closed, ...open].map(({ key, token }, index) => (
        <BlockElement key={key} token={token} isFinished={index < closed.length} />
      ))}
    </div>
  );
}

interface BlockElementProps {
  token: Token;
  /** False while the block may still grow. */
  isFinished: boolean;
}

/** One top-level block. Open blocks are lexed again on every update, but render again only if their source has changed. */
export const BlockElement = memo(
  function BlockElement({ token, isFinished }: BlockElementProps): ReactNode {
    return blockOf(token as MarkedToken, isFinished);
  },
  (before, after) => before.isFinished === after.isFinished && isSameSource(before.token, after.token),
);

/** The blocks inside a quote or a list item. */
function Nested({ tokens, isFinished }: { tokens: readonly Token[]; isFinished: boolean }): ReactNode {
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their position.
    <BlockElement key={index} token={token} isFinished={isFinished || index < tokens.length - 1} />
  ));
}

function blockOf(token: MarkedToken, isFinished: boolean): ReactNode {
  switch (token.type) {
    case 'heading':
      return <Heading token={token} />;
    case 'paragraph':
      return (
        <p dir="auto">
          <Inline tokens={token.tokens} />
        </p>
      );
    case 'text':
    case 'checkbox':
      return <Inline tokens={[token]} />;
    case 'code':
      return <Fence token={token} isFinished={isFinished || isClosedFence(token)} />;
    case 'blockquote':
      return <Quote token={token} isFinished={isFinished} />;
    case 'list':
      return <List token={token} isFinished={isFinished} />;
    case 'table':
      return <Table token={token} />;
    case 'hr':
      return <hr />;
    case 'html':
      return /^<!--[\s\S]*-->\s*$/.test(token.raw) ? null : <pre className="raw-html">{token.raw.trimEnd()}</pre>;
    case 'space':
    case 'def':
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

const ALERT_TITLES: Record<Alert['kind'], string> = {
  note: 'Note',
  tip: 'Tip',
  important: 'Important',
  warning: 'Warning',
  caution: 'Caution',
};

function Quote({ token, isFinished }: { token: Tokens.Blockquote; isFinished: boolean }) {
  const alert = alertOf(token);
  return (
    <blockquote dir={directionOf(token.text)} data-alert={alert?.kind}>
      {alert && <p className="alert-title">{ALERT_TITLES[alert.kind]}</p>}
      <Nested tokens={alert?.tokens ?? token.tokens} isFinished={isFinished} />
    </blockquote>
  );
}

function Fence({ token, isFinished }: { token: Tokens.Code; isFinished: boolean }) {
  const { fence } = useContext(MarkdownRulesContext);
  const special = fence?.(token);
  if (special) return special;
  const language = languageOf(token);
  if (language === 'mermaid' && isFinished) return <MermaidDiagram source={token.text} />;
  return <CodeBlock code={token.text} language={language} isFinished={isFinished} />;
}

function languageOf(token: Tokens.Code): string {
  return token.lang?.match(/^[\w+#.-]+/)?.[0].toLowerCase() ?? '';
}

/** A fence with its closing line cannot grow, even as the last block. */
function isClosedFence({ raw }: Tokens.Code): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  return fence !== undefined && new RegExp(`\\n {0,3}${fence[0]}{${fence.length},}[ \\t]*\\n*$`).test(raw);
}

function List({ token, isFinished }: { token: Tokens.List; isFinished: boolean }) {
  const items = token.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their position.
    <Item key={index} item={item} isFinished={isFinished || index < token.items.length - 1} />
  ));
  const direction = directionOf(token.raw);
  const className = token.items.some(({ task }) => task) ? 'task-list' : undefined;
  return token.ordered ? (
    <ol start={token.start === '' ? undefined : token.start} dir={direction} className={className}>
      {items}
    </ol>
  ) : (
    <ul dir={direction} className={className}>
      {items}
    </ul>
  );
}

interface ItemProps {
  item: Tokens.ListItem;
  isFinished: boolean;
}

/** Memoized, because a long list is one block and grows item by item. */
const Item = memo(
  function Item({ item, isFinished }: ItemProps) {
    return (
      <li>
        <Nested tokens={item.tokens} isFinished={isFinished} />
      </li>
    );
  },
  (before, after) =>
    before.isFinished === after.isFinished && before.item.loose === after.item.loose && isSameSource(before.item, after.item),
);

const TAGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;

/** A heading; with a link to itself if the rules give it an id. */
export function Heading({ token }: { token: Tokens.Heading }) {
  const rules = useContext(MarkdownRulesContext);
  const id = rules.headingId(token);
  const Tag = TAGS[token.depth - 1] ?? 'h6';
  return (
    <Tag id={id} dir="auto" tabIndex={id === undefined ? undefined : -1}>
      <Inline tokens={token.tokens} />
      {id !== undefined && (
        <a className="heading-anchor" href={`#${encodeURIComponent(id)}`} aria-label={`Link to “${plainText(token.tokens)}”`}>
          <Link2 aria-hidden size={16} />
        </a>
      )}
    </Tag>
  );
}

/** Shorter cells of the first column, such as model names, stay on one line. */
const SHORT_CELL_MAX = 28;

export function Table({ token }: { token: Tokens.Table }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it groups a scrolling table, not form fields.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it.
    <div className="table-scroll" role="group" aria-label="Table" tabIndex={0}>
      <table dir={directionOf(token.raw)}>
        <thead>
          <tr>
            {token.header.map((cell, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no identity but its position.
              <th key={column} scope="col" data-align={cell.align}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((cells, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its position.
            <tr key={row}>
              {cells.map((cell, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no identity but its position.
                <td key={column} data-align={cell.align} data-wraps={cell.text.length > SHORT_CELL_MAX || undefined}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/**
 * Whether two tokens render the same. Open blocks are lexed again on every update, so equal source counts
 * as equal. A `[` is the exception: its link definition may have arrived since.
 */
export function isSameSource(before: Token | Tokens.ListItem, after: Token | Tokens.ListItem): boolean {
  return before === after || (before.type === after.type && before.raw === after.raw && !after.raw.includes('['));
}
