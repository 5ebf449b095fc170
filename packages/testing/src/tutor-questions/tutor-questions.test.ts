import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createFileContentStore } from '@prodigon/content';
import { createTutorProvider } from '@prodigon/model-providers';
import { describe, expect, it } from 'vitest';

/*
 * The questions were written before the search was tuned, and a quarter of each list was held out: `*-held-out.txt` played
 * no part in the tuning. `newcomers.txt` has the first questions of new users. A line of any list but `out-of-scope*.txt` is
 * `expected, … | question >> follow-up`, where `expected` is the beginning of a page's name with the beginning of an anchor.
 */
const ROOT = resolve(import.meta.dirname, '../../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const linesOf = (name: string) => read(`packages/testing/src/tutor-questions/${name}.txt`).trim().split('\n');

const PASSAGES = 3;
const tutor = createTutorProvider({ content: createFileContentStore({ rootDirectory: ROOT, entries: ['README.md', 'docs'] }) });
const context = {
  requestId: 'test',
  traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
  principal: { id: 'local' },
  deadline: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
};

async function ask(turns: readonly string[]): Promise<string> {
  const messages: { role: 'user' | 'assistant'; content: string }[] = [];
  for (const content of turns) {
    messages.push({ role: 'user', content });
    const { text } = await tutor.complete({ model: 'prodigon-tutor', messages }, context);
    messages.push({ role: 'assistant', content: text });
  }
  return messages.at(-1)?.content ?? '';
}

const isRefusal = (response: string) => response.startsWith('I found nothing') && !/^>/m.test(response);

/** Returns the links of the passages, as `path#anchor`. Links inside quotes belong to the pages. */
function passagesOf(response: string): string[] {
  if (isRefusal(response)) return [];
  const own = response.replace(/^>.*$/gm, '');
  return [...own.matchAll(/\]\(\/read\/([^)\s]+)\)/g)].map(([, target = '']) => target).slice(0, PASSAGES);
}

function isExpected(expected: string, passage: string): boolean {
  const [name = '', start = ''] = expected.split('#');
  const [path = '', anchor = ''] = passage.split('#');
  const isPage = name === 'README' ? path === 'README.md' : (`/${path}`.split(`/${name}`)[1] ?? '/').split('/').length === 1;
  return isPage && anchor.startsWith(start);
}

/** Returns the lines whose expected passage is not among the first three. */
async function missesOf(lines: readonly string[]): Promise<string[]> {
  const misses: string[] = [];
  for (const line of lines) {
    const [expected = '', question = ''] = line.split(' | ');
    const passages = passagesOf(await ask(question.split(' >> ')));
    const isRight = expected.split(',').some((one) => passages.some((passage) => isExpected(one, passage)));
    if (!isRight) misses.push(`${question}: ${passages.join(', ') || 'nothing'}`);
  }
  return misses;
}

/** Returns the questions that were not refused. */
async function answeredOf(questions: readonly string[]): Promise<string[]> {
  const answered: string[] = [];
  for (const question of questions) {
    const response = await ask([question]);
    if (!isRefusal(response)) answered.push(`${question}: ${passagesOf(response).join(', ')}`);
  }
  return answered;
}

/** Prints what missed, and returns the share of right answers. */
function report(name: string, total: number, misses: readonly string[]): number {
  const share = 1 - misses.length / total;
  const figure = `${name}: ${total - misses.length} of ${total} (${(share * 100).toFixed(1)} %)`;
  console.info([figure, ...misses.map((miss) => `  missed: ${miss}`)].join('\n'));
  return share;
}

describe('the tutor', () => {
  it('finds the right section of at least 92 % of two hundred questions among the first three passages', async () => {
    const [tuned, heldOut] = [linesOf('in-scope'), linesOf('in-scope-held-out')];
    expect(tuned.length + heldOut.length).toBeGreaterThanOrEqual(200);
    const missed = { tuned: await missesOf(tuned), heldOut: await missesOf(heldOut) };
    report('Questions used in tuning', tuned.length, missed.tuned);
    report('Held-out questions', heldOut.length, missed.heldOut);
    const share = 1 - (missed.tuned.length + missed.heldOut.length) / (tuned.length + heldOut.length);
    expect(share).toBeGreaterThanOrEqual(0.92);
  });

  it('answers at least 95 % of the first questions of new users', async () => {
    const questions = linesOf('newcomers');
    expect(questions.length).toBeGreaterThanOrEqual(50);
    const missed = await missesOf(questions);
    expect(report('First questions of new users', questions.length, missed)).toBeGreaterThanOrEqual(0.95);
  });

  it('refuses at least 95 % of sixty questions about other subjects', async () => {
    const [tuned, heldOut] = [linesOf('out-of-scope'), linesOf('out-of-scope-held-out')];
    expect(tuned.length + heldOut.length).toBeGreaterThanOrEqual(60);
    const answered = { tuned: await answeredOf(tuned), heldOut: await answeredOf(heldOut) };
    report('Other subjects used in tuning', tuned.length, answered.tuned);
    report('Held-out other subjects', heldOut.length, answered.heldOut);
    const share = 1 - (answered.tuned.length + answered.heldOut.length) / (tuned.length + heldOut.length);
    expect(share).toBeGreaterThanOrEqual(0.95);
  });

  it('answers every example question of the chat page and the documentation', async () => {
    const examples = linesOf('examples');
    const known = examples.map((line) => line.split(' | ')[1]);
    expect(exampleQuestions().filter((question) => !known.includes(question))).toEqual([]);
    expect(await missesOf(examples)).toEqual([]);
  });
});

/** Returns the questions that the chat page suggests and that the documentation contains in quotation marks. */
function exampleQuestions(): string[] {
  const suggestions = /SUGGESTIONS = \[([\s\S]*?)\]/.exec(read('apps/web/src/features/chat/empty-conversation.tsx'))?.[1] ?? '';
  const files = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.\w+$/.test(path) && !/contributing|images/.test(path))
    .map((path) => read(join('docs', path)));
  const quoted = [read('README.md'), ...files].flatMap((text) => [...text.matchAll(/"([A-Z][^"\n]{5,120}\?)"/g)]);
  const suggested = [...suggestions.matchAll(/'([^']+)'/g)];
  expect(suggested).toHaveLength(4);
  return [...new Set([...suggested, ...quoted].map(([, question = '']) => question))];
}
