import { fileURLToPath } from 'node:url';
import { createFileContentStore } from '@prodigon/content';
import { beforeAll, describe, expect, test } from 'vitest';
import { createContentIndex } from './content-index.ts';
import { findPassages, type Retrieval } from './find-passages.ts';
import { parseQuery } from './parse-query.ts';
import type { PassageIndex } from './passage-index.ts';

const rootDirectory = fileURLToPath(new URL('../../../../../', import.meta.url));
let index: PassageIndex;

beforeAll(async () => {
  const content = createFileContentStore({ rootDirectory, entries: ['README.md', 'docs'] });
  ({ index } = await createContentIndex({ content, now: () => 0 })());
});

const search = (question: string): Retrieval => findPassages(parseQuery(question, index), index);
const pagesFor = (question: string) => search(question).passages.map(({ section }) => section.path);

describe('the right page is among the first three passages', () => {
  test.each([
    ['Two of our backends need to talk to each other, should they use JSON or something binary?', '01-rest-vs-grpc'],
    ['is grpc actually quicker?', '01-rest-vs-grpc'],
    ['Should we break our big codebase up into many small services?', '02-microservices-vs-monolith'],
    ['How do I keep a crash in one part from taking the rest down?', '02-microservices-vs-monolith'],
    ['How do I show the reply word by word while it is being written?', '03-batch-realtime-streaming'],
    ['I have 500 prompts to process overnight, what is the right way?', '03-batch-realtime-streaming'],
    ['Why should I hand objects their collaborators and not let them look them up?', '04-dependency-injection'],
    ['My endpoint is sluggish, how do I discover what is eating the time?', '05-profiling-and-optimization'],
    ['Everything freezes while one user crunches numbers, even though my function is async. Why?', '06-concurrency'],
    ['RAM usage of my server keeps climbing, is that bad?', '07-memory-management'],
    ['How should traffic be shared among several copies of a server?', '08-load-balancing-and-caching'],
    ['Many clients request the same expired cache entry at the same moment', '08-load-balancing-and-caching'],
    ["A user signed in but sees somebody else's chat. What went wrong?", '09-authentication-vs-authorization'],
    ['How can I stop someone from hammering my API?', '10-securing-endpoints'],
    ['I accidentally pushed my OpenAI key to GitHub, what now?', '11-secrets-management'],
  ])('%s', (question, page) => {
    expect(pagesFor(question)).toContainEqual(expect.stringContaining(page));
  });
});

describe('a question about another field finds nothing', () => {
  test.each([
    'What is a good recipe for sourdough bread?',
    'Who won the world cup in 1998?',
    'When did the Roman Empire fall?',
    'How long should I boil an egg?',
    'What is the best key for a song?',
    'How do I cache a cheque?',
    'How do I fix a leaking tap in my kitchen?',
    'hasOwnProperty valueOf',
    '?!',
    '',
  ])('%s', (question) => {
    expect(search(question).passages).toEqual([]);
  });
});

test('a question with "over" finds the first alternative, not the second', () => {
  expect(search('When would you choose gRPC over REST?').passages[0]?.section.anchor).toBe('when-to-choose-grpc');
});

test('misspelled words and British spelling find the same pages', () => {
  expect(pagesFor('autentication vs authorisation')[0]).toContain('09-');
  expect(pagesFor('what is a memroy leak')[0]).toContain('07-');
});

test('passages carry their matches, best first, of several pages', () => {
  const { passages, coverage } = search('How do I find a memory leak with heap snapshots?');
  expect(passages[0]).toMatchObject({ section: { anchor: 'how-to-find-a-memory-leak' } });
  expect(passages[0]?.matched).toEqual(expect.arrayContaining(['memory', 'leak', 'heap', 'snapshots']));
  expect(coverage).toBeGreaterThan(0.8);
  const scores = passages.map(({ score }) => score);
  expect(scores).toEqual([...scores].sort((left, right) => right - left));
  const paths = passages.map(({ section }) => section.path);
  expect(new Set(paths).size).toBeGreaterThan(1);
});

test('a list of sources is not indexed', () => {
  expect(index.sections.map(({ heading }) => heading)).not.toContain('Sources');
});
