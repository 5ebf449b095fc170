import type { MarkdownSection } from '@prodigon/content';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../retrieval/find-passages.ts';
import { composeGreeting, composeQuotes, composeRefusal } from './compose-response.ts';

const passage = (score: number, fields: Partial<MarkdownSection> = {}, coverage = 1): Passage => ({
  section: {
    path: 'docs/a.md',
    pageTitle: 'Page',
    heading: `Heading ${score}`,
    anchor: `heading-${score}`,
    level: 2,
    text: '',
    terms: '',
    markdown: `Text ${score}.`,
    linkShare: 0,
    ...fields,
  },
  score,
  coverage,
  matched: [],
  stems: [],
});
const quotesOf = (response: string) => [...response.matchAll(/^> Text (\S+)\.$/gm)].map(([, score]) => Number(score));
const linkedOf = (response: string) => /^See also: (.+)$/m.exec(response)?.[1]?.split(' · ');

describe('a response with passages', () => {
  it('quotes and links each of them, and states that no AI wrote it', () => {
    const markdown = 'First.\n\n- one\n- two';
    expect(composeQuotes([passage(1, { markdown })])).toBe(
      [
        "*Offline model: no AI wrote this. Quoted from this repository's own pages: the passage that best matches your question.*",
        '> First.\n>\n> - one\n> - two',
        '[Page › Heading 1](/read/docs/a.md#heading-1)',
      ].join('\n\n'),
    );
    expect(composeQuotes([passage(2), passage(1.5)])).toContain('the 2 passages that best match your question');
  });

  it('quotes at most three passages', () => {
    expect(quotesOf(composeQuotes([passage(5), passage(4), passage(3), passage(2)]))).toEqual([5, 4, 3]);
  });

  it('quotes passages with at least 60 % of the best score, and links those with at least 20 %', () => {
    const response = composeQuotes([passage(100), passage(60), passage(59.9)]);
    expect(quotesOf(response)).toEqual([100, 60]);
    expect(linkedOf(response)).toEqual(['[Page › Heading 59.9](/read/docs/a.md#heading-59.9)']);
    const chance = composeQuotes([passage(100), passage(20), passage(19.9)]);
    expect([quotesOf(chance), linkedOf(chance)?.length]).toEqual([[100], 1]);
  });

  it('links a passage only when it covers half of the question', () => {
    const linked = (coverage: number) => linkedOf(composeQuotes([passage(100), passage(20, {}, coverage)]))?.length ?? 0;
    expect([linked(0.5), linked(0.49)]).toEqual([1, 0]);
  });

  it('gives the best passage more space than the others', () => {
    const paragraphs = (length: number) => ({ markdown: `${'x'.repeat(length)}\n\n${'y'.repeat(99)}` });
    const lengthsOf = (length: number) =>
      composeQuotes([passage(3, paragraphs(length)), passage(2, paragraphs(length)), passage(1.9, paragraphs(length))])
        .split('\n')
        .filter((line) => line.startsWith('> y')).length;
    // The quotes have room for 900, 750 and 750 characters.
    expect([lengthsOf(649), lengthsOf(650), lengthsOf(799), lengthsOf(800)]).toEqual([3, 1, 1, 0]);
  });

  it.each([
    [{ heading: '' }, '[Page]('],
    [{ heading: 'Page' }, '[Page]('],
    [{ heading: 'a [b] `c` <d> *e* _f_ \\' }, '[Page › a \\[b\\] \\`c\\` \\<d> \\*e\\* \\_f\\_ \\\\]('],
  ])('labels the link to %j as %s', (fields, label) => {
    expect(composeQuotes([passage(1, fields)])).toContain(`\n\n${label}`);
  });
});

describe('a refusal', () => {
  const page = (path: string) => ({ path, title: `The_${path}` });
  const pages = ['docs/a.md', 'docs/README.md', 'docs/b.md', 'README.md', 'docs/c.md', 'docs/d.md'].map(page);
  const linked = (response: string) => [...response.matchAll(/^- \[.+\]\(\/read\/(.+)\)$/gm)].map(([, path]) => path);

  it('begins with "I found nothing", quotes nothing, and states what to set for other questions', () => {
    const response = composeRefusal(pages);
    expect(response).toMatch(/^I found nothing/);
    expect(response).not.toMatch(/^>/m);
    expect(response).toContain('connect a model under **Settings**, **Providers**, or in `.env`.');
  });

  it('suggests the nearest pages, five at most', () => {
    const nearest = ['docs/d.md', 'docs/gone.md', 'docs/a.md'];
    expect(linked(composeRefusal(pages, nearest))).toEqual(['docs/d.md', 'docs/a.md']);
    expect(
      linked(
        composeRefusal(
          pages,
          pages.map(({ path }) => path),
        ),
      ),
    ).toHaveLength(5);
  });

  it('suggests the pages that introduce the others when none is near', () => {
    expect(linked(composeRefusal(pages))).toEqual(['docs/README.md', 'README.md', 'docs/a.md', 'docs/b.md', 'docs/c.md']);
    expect(composeRefusal(pages)).toContain('- [The\\_docs/README.md](');
  });

  it('reports that there are no pages', () => {
    expect(composeRefusal([])).toMatch(/\n\nThere are no pages to quote from\.$/);
  });
});

it('greets, introduces itself and suggests pages', () => {
  const greeting = composeGreeting('Hello!', [{ path: 'README.md', title: 'Prodigon' }]);
  expect(greeting).toMatch(/^Hello! I am Prodigon's offline tutor\./);
  expect(greeting).toMatch(/- \[Prodigon\]\(\/read\/README\.md\)$/);
});
