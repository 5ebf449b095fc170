import type { MarkdownSection } from '@prodigon/content';
import { type ContentEntry, readerPath } from '@prodigon/contracts';
import type { Passage } from '../retrieval/find-passages.ts';
import { quotePassage } from './quote-passage.ts';

/** The maximum length of the quotes in characters, best passage first. */
const QUOTE_CHARACTERS = [900, 750, 750] as const;
/** The minimum share of the best score for a quote. Passages with a lower score are only linked. */
const QUOTE_SCORE_SHARE_MIN = 0.35;
/** The minimum share of the best score, and the minimum coverage, for a link. Other passages match by chance. */
const LINK_MIN = { score: 0.15, coverage: 0.5 };
const PAGES_LISTED_MAX = 40;

/** Returns Markdown: the passages, quoted and linked, or a list of the pages that the tutor knows. */
export function composeResponse(passages: readonly Passage[], pages: readonly ContentEntry[]): string {
  return passages.length > 0 ? quoteAll(passages) : listPages(pages);
}

function quoteAll(passages: readonly Passage[]): string {
  const best = passages[0]?.score ?? 0;
  const shown = passages.slice(0, QUOTE_CHARACTERS.length);
  const isWorthQuoting = ({ score }: Passage) => score >= best * QUOTE_SCORE_SHARE_MIN;
  const quotes = shown.filter(isWorthQuoting).map(({ section, stems }, position) => {
    const quote = quotePassage(section.markdown, stems, QUOTE_CHARACTERS[position] ?? 0);
    return `${blockquote(quote)}\n\n${linkTo(section)}`;
  });
  const isWorthLinking = ({ score, coverage }: Passage) => score >= best * LINK_MIN.score && coverage >= LINK_MIN.coverage;
  const others = shown
    .filter((passage) => !isWorthQuoting(passage) && isWorthLinking(passage))
    .map(({ section }) => linkTo(section));
  const quoted = quotes.length === 1 ? 'the passage that best matches' : `the ${quotes.length} passages that best match`;
  return [
    `*Offline model: no AI wrote this. Quoted from this repository's own pages: ${quoted} your question.*`,
    ...quotes,
    ...(others.length > 0 ? [`See also: ${others.join(' · ')}`] : []),
  ].join('\n\n');
}

function listPages(pages: readonly ContentEntry[]): string {
  const reason = "I found nothing about that: I am an offline model that only quotes this repository's own pages.";
  const help = 'To ask about anything else, set a provider key such as `GROQ_API_KEY` and restart.';
  const listed = pages.slice(0, PAGES_LISTED_MAX).map(({ path, title }) => `- [${escapeLinkText(title)}](${readerPath(path)})`);
  const more = pages.length > PAGES_LISTED_MAX ? [`- … and ${pages.length - PAGES_LISTED_MAX} more`] : [];
  const topics =
    pages.length > 0 ? ['I know these pages:', [...listed, ...more].join('\n')] : ['There are no pages to quote from.'];
  return [`${reason} ${help}`, ...topics].join('\n\n');
}

function linkTo({ path, pageTitle, heading, anchor }: MarkdownSection): string {
  const label = heading === '' || heading === pageTitle ? pageTitle : `${pageTitle} › ${heading}`;
  return `[${escapeLinkText(label)}](${readerPath(path, anchor)})`;
}

function escapeLinkText(text: string): string {
  return text.replace(/[\\[\]*_`<]/g, '\\$&');
}

function blockquote(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}
