import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Hint, Task, TaskFiles, Workshop } from '@prodigon/contracts/workshop';
import { taskSchema, WORKSHOP_LIMITS, workshopSchema } from '@prodigon/contracts/workshop';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLabHarness, flush, resultOf, TASK_JSON } from '../lab-harness.test-support.ts';

describe('the task catalog', () => {
  it('lists the parts with their tasks and the headings of the lessons', async () => {
    const { call } = createLabHarness();
    const workshop = workshopSchema.parse(await call('getWorkshop'));
    expect(workshop).toMatchObject({
      parts: [{ id: 'part-1-design-patterns', title: 'Part 1: Design patterns', tasks: [{ id: '01', minutes: 60 }] }],
      next: null,
    });
    expect(workshop.parts[0]?.tasks[0]).toMatchObject({
      lesson: 'workshop/part-1-design-patterns/task-01-rest-vs-grpc/lesson.md',
      sections: [
        { slug: 'the-claim', title: 'The claim' },
        { slug: 'the-claim-1', title: 'The claim' },
      ],
    });
  });

  it.each(['1', '01', 'rest-vs-grpc'])('finds a task by "%s"', async (name) => {
    const { call } = createLabHarness();
    expect(taskSchema.parse(await call('getTask', name))).toMatchObject({
      id: '01',
      checks: [{ id: 'zero', title: 'Sends zero' }, { id: 'absent' }, { id: 'cancel' }],
      own_folder: 'my/01',
      last_check_run: null,
    });
  });

  it.each(['2', 'grpc', '..', ''])('knows no task "%s"', async (name) => {
    await expect(createLabHarness().call('getTask', name)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each([
    ['without a lesson', { 'lesson.md': null }, 'lesson.md cannot be read'],
    ['without sections', { 'lesson.md': '# Title' }, 'lesson.md has no sections'],
    ['with invalid JSON', { 'task.json': '{' }, 'task.json is not valid JSON'],
    ['with a wrong field', { 'task.json': JSON.stringify({ ...TASK_JSON, minutes: 0 }) }, 'task.json is not valid at minutes'],
    ['with a hint for no check', { 'hints.json': '{"other":["a","b","c"]}' }, 'no stage has the check other'],
    ['with two hints', { 'hints.json': '{"zero":["a","b"]}' }, 'hints.json is not valid at zero'],
    [
      'that repeats a check',
      { 'task.json': JSON.stringify({ ...TASK_JSON, stages: [...TASK_JSON.stages, ...TASK_JSON.stages] }) },
      'two stages',
    ],
  ])('leaves out a task %s, and says why', async (_, files, problem) => {
    const { call, warnings } = createLabHarness({ files });
    expect(await call('getWorkshop')).toEqual({ parts: [], next: null });
    expect(warnings).toEqual([expect.stringContaining(problem)]);
  });

  it('leaves out a second task with the same number', async () => {
    const { write, workshopDirectory, reopen, warnings, taskFolder } = createLabHarness();
    for (const name of ['task.json', 'hints.json', 'lesson.md'])
      write(join(workshopDirectory, 'part-2-more/task-01-again', name), readFileSync(join(taskFolder, name), 'utf8'));
    expect((await reopen().call<Workshop>('getWorkshop')).parts).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining('another task has the same id, 01')]);
  });
});

describe("the learner's copy", () => {
  it('is the starter, beside which its files are listed', async () => {
    const { call, learnerDirectory } = createLabHarness();
    const before = await call<TaskFiles>('getTaskFiles');
    expect(before.files.map(({ own }) => own)).toEqual([null, null]);
    const started = await call<TaskFiles>('startTask');
    expect(started).toEqual({
      folder: 'my/01',
      files: [
        { path: 'client.ts', starter: 'starter\n', own: 'starter\n' },
        { path: 'parts/encode.ts', starter: 'starter\n', own: 'starter\n' },
      ],
    });
    expect(readdirSync(learnerDirectory)).toContain('01');
  });

  it('is not replaced by another start', async () => {
    const { call, write, learnerDirectory } = createLabHarness();
    await call('startTask');
    write(join(learnerDirectory, '01/client.ts'), 'mine\n');
    expect((await call<TaskFiles>('startTask')).files[0]).toMatchObject({ own: 'mine\n' });
  });

  it('is backed up by a reset', async () => {
    const { call, write, learnerDirectory } = createLabHarness();
    await expect(call('resetTask')).rejects.toMatchObject({ code: 'TASK_NOT_STARTED' });
    await call('startTask');
    write(join(learnerDirectory, '01/client.ts'), 'mine\n');
    const reset = await call<TaskFiles>('resetTask');
    expect(reset.files[0]).toMatchObject({ own: 'starter\n' });
    const backup = readdirSync(learnerDirectory).find((name) => name.startsWith('01.backup-')) ?? '';
    expect(backup).toMatch(/^01\.backup-20260301T09\d{4}Z$/);
    expect(reset.backup).toBe(`my/${backup}`);
    expect(readFileSync(join(learnerDirectory, backup, 'client.ts'), 'utf8')).toBe('mine\n');
  });

  it('receives the solution only after one run of all checks, or by force', async () => {
    const { call, checks, learnerDirectory } = createLabHarness();
    await expect(call('applySolution', '01', {})).rejects.toMatchObject({ code: 'TASK_NOT_STARTED' });
    await call('startTask');
    await expect(call('applySolution', '01', {})).rejects.toMatchObject({ code: 'CONFLICT' });
    await call('createCheckRun', '01', { only: ['zero'] });
    checks[0]?.resolve({ problem: null });
    await flush();
    await expect(call('applySolution', '01', {})).rejects.toMatchObject({ code: 'CONFLICT' });
    await call('createCheckRun', '01', {});
    checks[1]?.listeners.onResult(resultOf('zero', 'failed'));
    checks[1]?.resolve({ problem: null });
    await flush();
    expect((await call<TaskFiles>('applySolution', '01', {})).files.map(({ path, own }) => [path, own])).toEqual([
      ['WHY.md', 'why\n'],
      ['client.ts', 'solution\n'],
      ['parts/encode.ts', 'starter\n'],
    ]);
    expect(readdirSync(learnerDirectory).filter((name) => name.startsWith('01.backup-'))).toHaveLength(1);
    await call('applySolution', '01', { force: true });
  });

  it('is listed without what cannot be shown: links, pipes and unreadable or huge files', async () => {
    const { call, write, learnerDirectory } = createLabHarness();
    await call('startTask');
    const folder = join(learnerDirectory, '01');
    write(join(folder, 'huge.bin'), '');
    truncateSync(join(folder, 'huge.bin'), 3 * 1024 ** 3);
    const pipe = createServer().listen(join(folder, 'socket'));
    onTestFinished(() => void pipe.close());
    await once(pipe, 'listening');
    symlinkSync('/etc/passwd', join(folder, 'link'));
    const { files } = await call<TaskFiles>('getTaskFiles');
    expect(files.map(({ path }) => path)).toEqual(['client.ts', 'huge.bin', 'parts/encode.ts']);
    expect(files[1]?.own).toHaveLength(WORKSHOP_LIMITS.fileBytesMax);
    await call('resetTask');
    expect(readdirSync(folder)).toEqual(['client.ts', 'parts']);
  });

  it('is kept when there is no space for the starter', async () => {
    const { call, taskFolder, learnerDirectory } = createLabHarness();
    await call('startTask');
    rmSync(join(taskFolder, 'starter'), { recursive: true });
    await expect(call('resetTask')).rejects.toThrow();
    expect(readdirSync(learnerDirectory).filter((name) => name.includes('01'))).toEqual(['01']);
  });

  it('is copied from the target of a link, and says when a file is in its place', async () => {
    const { call, write, learnerDirectory } = createLabHarness();
    const elsewhere = join(learnerDirectory, '../elsewhere');
    write(join(elsewhere, 'client.ts'), 'mine\n');
    symlinkSync(elsewhere, join(learnerDirectory, '01'));
    const { backup } = await call<TaskFiles>('applySolution', '01', { force: true });
    expect(readFileSync(join(learnerDirectory, '..', backup ?? '', 'client.ts'), 'utf8')).toBe('mine\n');
    rmSync(join(learnerDirectory, '01'));
    write(join(learnerDirectory, '01'), 'a file');
    for (const operation of ['startTask', 'resetTask'] as const)
      await expect(call(operation)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await call<TaskFiles>('getTaskFiles')).files.map(({ own }) => own)).toEqual([null, null]);
  });

  it('loses drafts of an interrupted copy at the next start', async () => {
    const { reopen, write, learnerDirectory } = createLabHarness();
    write(join(learnerDirectory, '.draft-01-7/client.ts'), 'half');
    reopen();
    expect(existsSync(join(learnerDirectory, '.draft-01-7'))).toBe(false);
  });
});

describe('hints', () => {
  it('are shown one after the other, and the last one repeats', async () => {
    const { call, reopen } = createLabHarness();
    const show = () => call<Hint>('showHint', '01', { check: 'zero' });
    expect([await show(), await show(), await show(), await show()].map(({ level, text }) => [level, text])).toEqual([
      [1, 'Look at the request.'],
      [2, 'Zero is falsy.'],
      [3, 'Use ??.'],
      [3, 'Use ??.'],
    ]);
    expect((await reopen().call<Task>('getTask')).hints).toEqual({ zero: ['Look at the request.', 'Zero is falsy.', 'Use ??.'] });
  });

  it('do not exist for another check', async () => {
    await expect(createLabHarness().call('showHint', '01', { check: 'cancel' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

it('ignores progress of hints for checks that do not exist', async () => {
  const { reopen, write, learnerDirectory } = createLabHarness();
  const event = { at: '2026-03-01T09:00:00.000Z', task: '01', type: 'hint_shown', check: 'constructor', level: 1 };
  write(join(learnerDirectory, 'progress.jsonl'), `${JSON.stringify(event)}\n`);
  expect((await reopen().call<Task>('getTask')).hints).toEqual({});
});
