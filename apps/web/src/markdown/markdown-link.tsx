import type { Tokens } from 'marked';
import { type ReactNode, useContext } from 'react';
import { Link } from 'wouter';
import { decodeEntities } from './decode-entities.ts';
import { MarkdownRulesContext } from './markdown-rules.ts';

/** A link as far as the rules allow it; one that leads nowhere safe stays as its text. */
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
        <span className="dead-link" title={`Not a page that can be opened here: ${token.href}`}>
          {children}
        </span>
      );
    default:
      return <a href={target.href}>{children}</a>;
  }
}
