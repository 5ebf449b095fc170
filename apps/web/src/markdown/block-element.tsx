import type { MarkedToken, Token, Tokens } from 'marked';
import { memo, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { Heading } from './heading.tsx';
import { Inline } from './inline.tsx';
import { isSameSource } from './is-same-source.ts';
import { Table } from './table.tsx';

interface BlockElementProps {
  token: Token;
  /** False while it may still grow. */
  finished: boolean;
}

/**
 * One top-level block. An open block is lexed anew with every update; when its source is still the
 * same, so is what it shows.
 */
export const BlockElement = memo(
  function BlockElement({ token, finished }: BlockElementProps): ReactNode {
    return blockOf(token as MarkedToken, finished);
  },
  (before, after) => before.finished === after.finished && isSameSource(before.token, after.token),
);

/** Blocks inside a block: of quotes and list items. */
function Nested({ tokens, finished }: { tokens: readonly Token[]; finished: boolean }): ReactNode {
  return tokens.map((token, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens have no identity but their place.
    <BlockElement key={index} token={token} finished={finished || index < tokens.length - 1} />
  ));
}

function blockOf(token: MarkedToken, finished: boolean): ReactNode {
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
      return <CodeBlock code={token.text} language={languageOf(token)} finished={finished || isClosedFence(token)} />;
    case 'blockquote':
      return (
        <blockquote dir="auto">
          <Nested tokens={token.tokens} finished={finished} />
        </blockquote>
      );
    case 'list':
      return <List token={token} finished={finished} />;
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

function languageOf(token: Tokens.Code): string {
  return token.lang?.match(/^[\w+#.-]+/)?.[0].toLowerCase() ?? '';
}

/** A fence that has its closing line cannot grow, even while its block is the last one. */
function isClosedFence({ raw }: Tokens.Code): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  return fence !== undefined && new RegExp(`\\n {0,3}${fence[0]}{${fence.length},}[ \\t]*\\n*$`).test(raw);
}

function List({ token, finished }: { token: Tokens.List; finished: boolean }) {
  const items = token.items.map((item, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: items have no identity but their place.
    <Item key={index} item={item} finished={finished || index < token.items.length - 1} />
  ));
  const className = token.items.some(({ task }) => task) ? 'task-list' : undefined;
  return token.ordered ? (
    <ol start={token.start === '' ? undefined : token.start} className={className}>
      {items}
    </ol>
  ) : (
    <ul className={className}>{items}</ul>
  );
}

interface ItemProps {
  item: Tokens.ListItem;
  finished: boolean;
}

/** A long list is one block: its unchanged items must not be rendered again with every update. */
const Item = memo(
  function Item({ item, finished }: ItemProps) {
    return (
      <li dir="auto">
        <Nested tokens={item.tokens} finished={finished} />
      </li>
    );
  },
  (before, after) =>
    before.finished === after.finished && before.item.loose === after.item.loose && isSameSource(before.item, after.item),
);
