import { useState } from 'react';
import { BlockElement } from './block-element.tsx';
import { BlockSplitter } from './block-splitter.ts';

interface MarkdownProps {
  text: string;
  /** False while the text is still growing. */
  complete: boolean;
}

/** An answer as elements; a growing text costs as much per update as its last blocks. */
export function Markdown({ text, complete }: MarkdownProps) {
  const [splitter] = useState(() => new BlockSplitter());
  const { settled, open } = splitter.update(text, complete);
  return (
    <div className="prose prose-answer">
      {[...settled, ...open].map(({ key, token }, index) => (
        <BlockElement key={key} token={token} finished={index < settled.length} />
      ))}
    </div>
  );
}
