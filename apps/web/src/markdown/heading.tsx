import { Link2 } from 'lucide-react';
import type { Tokens } from 'marked';
import { useContext } from 'react';
import { Inline } from './inline.tsx';
import { MarkdownRulesContext } from './markdown-rules.ts';
import { plainText } from './plain-text.ts';

const TAGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'] as const;

/** A heading, with a visible link to itself where it is a place that can be linked to. */
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
