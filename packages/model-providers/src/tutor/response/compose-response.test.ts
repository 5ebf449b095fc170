import type { MarkdownSection } from '@prodigon/content';
import { describe, expect, it } from 'vitest';
import type { Passage } from '../retrieval/find-passages.ts';
import { composeResponse } from './compose-response.ts';

const passage = (score: number, fields: Partial<MarkdownSection> = {}, coverage = 1): Passage => ({
  section: {
    path: 'docs/a.md',
    pageTitle: 'Page',
    heading: `Heading ${score}`,
    anchor: `heading-${score}`,
    level: 2,
    text: '',
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
    expect(composeResponse([passage(1, { markdown })], [])).toBe(
      [
        "*Offline model: no AI wrote this. Quoted from this repository's own pages: the passage that best matches your question.*",
        '> First.\n>\n> - one\n> - two',
        '[Page › Heading 1](/read/docs/a.md#heading-1)',
      ].join('\n\n'),
    );
    expect(composeResponse([passage(2), passage(1)], [])).toContain('the 2 passages that best match your question');
  });

  it('quotes at most three passages', () => {
    expect(quotesOf(composeResponse([passage(5), passage(4), passage(3), passage(2)], []))).toEqual([5, 4, 3]);
  });

  it('quotes passages with at least 35 % of the best score, and links those with at least 15 %', () => {
    const response = composeResponse([passage(100), passage(35), passage(34.9)], []);
    expect(quotesOf(response)).toEqual([100, 35]);
    expect(linkedOf(response)).toEqual(['[Page › Heading 34.9](/read/docs/a.md#heading-34.9)']);
    const chance = composeResponse([passage(100), passage(15), passage(14.9)], []);
    expect([quotesOf(chance), linkedOf(chance)?.length]).toEqual([[100], 1]);
  });

  it('links a passage only when it covers half of the question', () => {
    const linked = (coverage: number) => linkedOf(composeResponse([passage(100), passage(20, {}, coverage)], []))?.length ?? 0;
    expect([linked(0.5), linked(0.49)]).toEqual([1, 0]);
  });

  it('gives the best passage more space than the others', () => {
    const paragraphs = (length: number) => ({ markdown: `${'x'.repeat(length)}\n\n${'y'.repeat(99)}` });
    const lengthsOf = (length: number) =>
      composeResponse([passage(3, paragraphs(length)), passage(2, paragraphs(length)), passage(1.9, paragraphs(length))], [])
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
    expect(composeResponse([passage(1, fields)], [])).toContain(`\n\n${label}`);
  });
});

describe('a response without passages', () => {
  const pages = (count: number) => Array.from({ length: count }, (_, index) => ({ path: `p${index}.md`, title: `P_${index}` }));

  it('lists up to forty pages, and counts the others', () => {
    const listed = (count: number) =>
      composeResponse([], pages(count))
        .split('\n')
        .filter((line) => line.startsWith('- '));
    expect(listed(40)).toEqual(pages(40).map(({ path }, index) => `- [P\\_${index}](/read/${path})`));
    expect(listed(42).slice(39)).toEqual(['- [P\\_39](/read/p39.md)', '- … and 2 more']);
  });

  it('states what to set for other questions, and that there are no pages', () => {
    const response = composeResponse([], []);
    expect(response).toContain('set a provider key such as `GROQ_API_KEY` and restart.');
    expect(response).toMatch(/\n\nThere are no pages to quote from\.$/);
  });
});
