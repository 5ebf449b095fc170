import type { MarkdownSection } from '@prodigon/content';
import { type ContentEntry, readerPath } from '@prodigon/contracts';
import type { Passage } from '../retrieval/find-passages.ts';
import { quotePassage } from './quote-passage.ts';

/** Characters to quote of the best passage, and of each further one. */
const QUOTE_CHARACTERS = [900, 750, 750] as const;
/** A passage that scores less than this share of the best one is linked instead: it may fit, but not enough to fill the screen. */
const WORTH_QUOTING = 0.35;
/** One that scores less than this, or covers less of the question, only fits by chance. */
const WORTH_LINKING = { score: 0.15, coverage: 0.5 };
const PAGES_LISTED_MAX = 40;

/** The tutor's answer as Markdown: the passages quoted and linked, or the pages that it knows. */
export function composeAnswer(passages: readonly Passage[], pages: readonly ContentEntry[]): string {
  return passages.length > 0 ? quoteAll(passages) : offerPages(pages);
}

function quoteAll(passages: readonly Passage[]): string {
  const best = passages[0]?.score ?? 0;
  const shown = passages.slice(0, QUOTE_CHARACTERS.length);
  const isWorthQuoting = ({ score }: Passage) => score >= best * WORTH_QUOTING;
  const quotes = shown.filter(isWorthQuoting).map(({ section, stems }, position) => {
    const quote = quotePassage(section.markdown, stems, QUOTE_CHARACTERS[position] ?? 0);
    return `${blockquote(quote)}\n\n${linkTo(section)}`;
  });
  const isWorthLinking = ({ score, coverage }: Passage) =>
    score >= best * WORTH_LINKING.score && coverage >= WORTH_LINKING.coverage;
  const others = shown
    .filter((passage) => !isWorthQuoting(passage) && isWorthLinking(passage))
    .map(({ section }) => linkTo(section));
  const what = quotes.length === 1 ? 'the passage that fits' : `the ${quotes.length} passages that fit`;
  return [
    `*Offline model: no AI wrote this. Quoted from this repository's own pages, ${what} your question best:*`,
    ...quotes,
    ...(others.length > 0 ? [`See also: ${others.join(' · ')}`] : []),
  ].join('\n\n');
}

function offerPages(pages: readonly ContentEntry[]): string {
  const what = "I found nothing about that: I am an offline model that only quotes this repository's own pages.";
  const how = 'To ask about anything, set a provider key such as `GROQ_API_KEY` and restart.';
  const listed = pages.slice(0, PAGES_LISTED_MAX).map(({ path, title }) => `- [${linkText(title)}](${readerPath(path)})`);
  const more = pages.length > PAGES_LISTED_MAX ? [`- … and ${pages.length - PAGES_LISTED_MAX} more`] : [];
  const know = pages.length > 0 ? ['What I know about:', [...listed, ...more].join('\n')] : ['There are no pages to quote from.'];
  return [`${what} ${how}`, ...know].join('\n\n');
}

function linkTo({ path, pageTitle, heading, anchor }: MarkdownSection): string {
  const label = heading === '' || heading === pageTitle ? pageTitle : `${pageTitle} › ${heading}`;
  return `[${linkText(label)}](${readerPath(path, anchor)})`;
}

function linkText(text: string): string {
  return text.replace(/[\\[\]*_`<]/g, '\\$&');
}

function blockquote(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}
