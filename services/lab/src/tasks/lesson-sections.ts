import { createHeadingSlugger, plainText } from '@prodigon/contracts/markdown';
import type { LessonSection } from '@prodigon/contracts/workshop';
import { lexer, type Tokens, walkTokens } from 'marked';

/** Returns the headings of level 2 with the anchors that the web UI gives them. */
export function lessonSections(markdown: string): LessonSection[] {
  const slug = createHeadingSlugger();
  const sections: LessonSection[] = [];
  for (const token of lexer(markdown)) {
    // A heading inside a quotation or list starts no section, but its anchor counts.
    walkTokens([token], (inner) => {
      if (inner.type !== 'heading') return;
      const title = plainText((inner as Tokens.Heading).tokens);
      const anchor = slug(title);
      if (inner === token && (inner as Tokens.Heading).depth === 2) sections.push({ slug: anchor, title });
    });
  }
  return sections;
}
