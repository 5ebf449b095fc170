import type { Tokens } from 'marked';
import { memo } from 'react';
import { Nested } from './block-element.tsx';
import { isSameSource } from './is-same-source.ts';

export function List({ token, finished }: { token: Tokens.List; finished: boolean }) {
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
