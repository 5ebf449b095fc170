import type { ReactNode } from 'react';

/** Text in which backticks mark code, without other Markdown. */
export function InlineCode({ children }: { children: string }): ReactNode {
  return children.split(/`([^`]+)`/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no identity but their position.
      <code key={index} className="rounded-sm bg-surface-2 px-1 font-mono text-xs">
        {part}
      </code>
    ),
  );
}
