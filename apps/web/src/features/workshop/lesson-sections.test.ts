import { expect, it } from 'vitest';
import { splitBlocks } from '../../markdown/block-splitter.ts';
import { neighborsOf, questionAbout, splitLesson } from './lesson-sections.ts';

const TEXT =
  '# REST vs gRPC\n\nIntro\n\n## The claim\n\nText\n\n### Detail\n\n```md\n## no heading\n```\n\n## Why *it* is so\n\nBecause\n<!-- claim: a.json#b -->\n';
const lesson = splitLesson(splitBlocks(TEXT), [{ slug: 'why', title: 'Why it is so' }]);

it('splits a lesson at its second-level headings and keeps the text before them apart', () => {
  expect(lesson.introduction.map(({ token }) => token.raw.trim())).toEqual(['Intro']);
  expect(lesson.sections.map(({ slug, title, blocks }) => [slug, title, blocks.length])).toEqual([
    ['the-claim', 'The claim', 4],
    ['why', 'Why it is so', 3],
  ]);
});

it('finds the neighbors of a section', () => {
  expect(neighborsOf(lesson.sections, 'why')).toMatchObject({
    section: { slug: 'why' },
    previous: { slug: 'the-claim' },
    next: undefined,
  });
  expect(neighborsOf(lesson.sections, 'gone')).toEqual({ section: undefined, previous: undefined, next: undefined });
});

it('quotes a section without its comments in a question about it', () => {
  const section = lesson.sections[1];
  expect(section && questionAbout(section, 'REST vs gRPC')).toBe(
    'About “Why it is so” in the lesson “REST vs gRPC”:\n\n> Because\n\n',
  );
});

it('cuts the quote of a long section', () => {
  const [section] = splitLesson(splitBlocks(`## Long\n\n${'word '.repeat(1_000)}`)).sections;
  const question = section ? questionAbout(section, 'L') : '';
  expect(question.length).toBeLessThan(2_100);
  expect(question).toContain('…');
});
