import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownIn, ROOT, read } from '../documents.test-support.ts';
import { renderLesson } from './render-lesson.ts';

const lessons = markdownIn('workshop').filter((path) => path.endsWith('/lesson.md'));

/** Returns the reader of the files of a lesson: relative to its folder, or to the repository. */
const readerFor = (path: string) => (file: string) => {
  const found = [join(ROOT, dirname(path), file), join(ROOT, file)].find((one) => existsSync(one));
  return found && readFileSync(found, 'utf8');
};

describe.each(lessons)('%s', (path) => {
  const { text, problems } = renderLesson(read(path), readerFor(path));

  it('has tagged code blocks, and includes and claims that exist', () => expect(problems).toEqual([]));

  // With `--update`, vitest writes the lesson.
  it('contains the current code and the recorded figures', () => expect(text).toMatchFileSnapshot(join(ROOT, path)));
});

it('finds every lesson', () => {
  const tasks = markdownIn('workshop').map((path) => /^workshop\/[^/]+\/task-[^/]+/.exec(path)?.[0]);
  const folders = new Set(tasks.filter((folder) => folder !== undefined));
  expect(lessons.map((path) => dirname(path)).sort()).toEqual([...folders].sort());
});
