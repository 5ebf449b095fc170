import { ImageIcon } from 'lucide-react';
import type { Tokens } from 'marked';
import { type ReactNode, useContext, useState } from 'react';
import { decodeEntities } from './decode-entities.ts';
import { MarkdownRulesContext } from './markdown-rules.ts';

/** An image of this platform at once, one of another server on demand, and its description where neither can be had. */
export function MarkdownImage({ token }: { token: Tokens.Image }): ReactNode {
  const rules = useContext(MarkdownRulesContext);
  const [wanted, setWanted] = useState(false);
  const [broken, setBroken] = useState(false);
  const source = rules.image(decodeEntities(token.href));
  const description = decodeEntities(token.text) || 'Image without a description';

  if (!source || broken) {
    return (
      <span className="image-stand-in" role="img" aria-label={description}>
        <ImageIcon aria-hidden size={16} /> {description}
      </span>
    );
  }
  if (source.askFirst && !wanted) {
    return (
      <button type="button" className="image-stand-in" onClick={() => setWanted(true)}>
        <ImageIcon aria-hidden size={16} /> Load image from {new URL(source.src).host}: {description}
      </button>
    );
  }
  return (
    <img
      src={source.src}
      alt={description}
      title={token.title ?? undefined}
      referrerPolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}
