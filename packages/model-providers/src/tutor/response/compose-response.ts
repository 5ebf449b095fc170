import type { MarkdownSection } from '@prodigon/content';
import { type ContentEntry, readerPath } from '@prodigon/contracts';
import type { Passage } from '../retrieval/find-passages.ts';
import { quotePassage } from './quote-passage.ts';

/** The maximum length of the quotes in characters, best passage first. */
const QUOTE_CHARACTERS = [900, 750, 750] as const;
/** The minimum share of the best score for a quote. Passages with a lower score are only linked. */
const QUOTE_SCORE_SHARE_MIN = 0.6;
/** The minimum share of the best score, and the minimum coverage, for a link. Other passages match by chance. */
const LINK_MIN = { score: 0.2, coverage: 0.5 };
const SUGGESTIONS_MAX = 5;

/** Returns Markdown with the passages, each quoted or at least linked. */
export function composeQuotes(passages: readonly Passage[]): string {
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

/** Returns Markdown that begins with "I found nothing", quotes nothing and suggests a few pages, the nearest first. */
export function composeRefusal(pages: readonly ContentEntry[], nearestPages: readonly string[] = []): string {
  const reason =
    'I found nothing about that: I am an offline model that only searches and quotes the pages of this repository, in English.';
  const help = 'To ask about anything else, connect a model under **Settings**, **Providers**, or in `.env`.';
  return [`${reason} ${help}`, suggestPages(pages, nearestPages)].join('\n\n');
}

/** Returns Markdown for a message that is no question. */
export function composeGreeting(greeting: string, pages: readonly ContentEntry[]): string {
  const introduction =
    "I am Prodigon's offline tutor. I am not a language model: I search the pages of this repository and quote what answers your question about system design or about Prodigon.";
  return [`${greeting} ${introduction}`, suggestPages(pages)].join('\n\n');
}

function suggestPages(pages: readonly ContentEntry[], nearestPages: readonly string[] = []): string {
  if (pages.length === 0) return 'There are no pages to quote from.';
  const near = nearestPages.flatMap((path) => pages.filter((page) => page.path === path)).slice(0, SUGGESTIONS_MAX);
  // Without a near page, the pages that introduce a folder help most.
  const isIntroduction = ({ path }: ContentEntry) => /(?:^|\/)README\.md$/i.test(path);
  const shown = near.length > 0 ? near : [...pages.filter(isIntroduction), ...pages.filter((page) => !isIntroduction(page))];
  const title = near.length > 0 ? 'These pages contain some of your words:' : 'These pages are a start:';
  const links = shown.slice(0, SUGGESTIONS_MAX).map(({ path, title }) => `- [${escapeLinkText(title)}](${readerPath(path)})`);
  return `${title}\n\n${links.join('\n')}`;
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
