import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task, Workshop } from '@prodigon/contracts/workshop';
import { describe, expect, it } from 'vitest';
import { createLabHarness, flush, LAB, OUTCOME, resultOf } from '../lab-harness.test-support.ts';

const PREDICTION = { choice: 'more', reason: 'Protobuf is smaller.' };

describe('progress', () => {
  it('says where the learner left off', async () => {
    const { call, reopen } = createLabHarness();
    await call('visitSection', '01', { section: 'the-claim' });
    await call('visitSection', '01', { section: 'the-claim-1' });
    const { next, parts } = await reopen().call<Workshop>('getWorkshop');
    expect(next).toEqual({ task: '01', section: 'the-claim-1' });
    expect(parts[0]?.tasks[0]?.progress).toMatchObject({ next_section: 'the-claim-1', minutes: 1 });
    await expect(call('visitSection', '01', { section: 'nothing' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('counts a section as done when it was read to its end, and not when it was opened', async () => {
    const { call } = createLabHarness();
    const visit = async (body: object) => (await call<Task>('visitSection', '01', body)).progress.sections_done;
    expect(await visit({ section: 'the-claim' })).toEqual([]);
    expect(await visit({ section: 'the-claim', is_read: true })).toEqual(['the-claim']);
    expect((await call<Workshop>('getWorkshop')).next).toEqual({ task: '01', section: 'the-claim-1' });
    expect(await visit({ section: 'the-claim-1', is_read: true })).toEqual(['the-claim', 'the-claim-1']);
    expect((await call<Workshop>('getWorkshop')).next).toBeNull();
  });

  it('counts the sections about an action as done when the action is', async () => {
    const lesson = ['Predict', 'Run the experiment', 'Constructor injection', 'Fix it', 'Prove it'];
    const harness = createLabHarness({ files: { 'lesson.md': lesson.map((title) => `## ${title}\n`).join('') } });
    const { call, experiments, checks } = harness;
    const doneSections = async () => (await call<Task>('getTask')).progress.sections_done;
    for (const section of ['predict', 'run-the-experiment', 'fix-it', 'prove-it'])
      await call('visitSection', '01', { section, is_read: true });
    expect(await doneSections()).toEqual([]);
    await call('createPrediction', LAB, PREDICTION);
    expect(await doneSections()).toEqual(['predict']);
    await call('createLabRun', LAB, {});
    experiments[0]?.resolve(OUTCOME);
    await flush();
    expect(await doneSections()).toEqual(['predict', 'run-the-experiment']);
    await call('startTask');
    await call('createCheckRun', '01', {});
    for (const check of ['zero', 'absent', 'cancel']) checks[0]?.listeners.onResult(resultOf(check));
    checks[0]?.resolve({ problem: null });
    await flush();
    expect(await doneSections()).toEqual(['predict', 'run-the-experiment', 'fix-it', 'prove-it']);
    expect((await call<Workshop>('getWorkshop')).next).toEqual({ task: '01', section: 'constructor-injection' });
  });

  it('prefers a valid verdict to a later run without one', async () => {
    const { call, learnerDirectory } = createLabHarness();
    const line = (verdict: string) =>
      `${JSON.stringify({ type: 'run_ended', at: '2026-03-01T08:00:00.000Z', task: '01', lab: LAB, run: crypto.randomUUID(), status: 'completed', verdict })}\n`;
    const path = join(learnerDirectory, 'progress.jsonl');
    const verdict = async () => (await call<Task>('getTask')).progress.verdict;
    writeFileSync(path, line('INVALID'));
    expect(await verdict()).toBe('INVALID');
    writeFileSync(path, ['SUPPORTED', 'REFUTED', 'INVALID'].map(line).join(''));
    expect(await verdict()).toBe('REFUTED');
  });

  it('counts pauses of over 15 minutes as no time', async () => {
    const { call, learnerDirectory, reset } = createLabHarness();
    const line = (at: string) => `${JSON.stringify({ type: 'visited', task: '01', section: 'the-claim', at })}\n`;
    const times = ['2026-03-01T08:00:00.000Z', '2026-03-01T08:15:00.000Z', '2026-03-01T08:31:00.000Z'];
    writeFileSync(join(learnerDirectory, 'progress.jsonl'), times.map(line).join(''));
    reset();
    expect((await call<Task>('getTask')).progress.minutes).toBe(15);
  });

  it('survives a last line that was cut, and continues after it', async () => {
    const { call, learnerDirectory } = createLabHarness();
    await call('visitSection', '01', { section: 'the-claim' });
    const path = join(learnerDirectory, 'progress.jsonl');
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"type":"visited","task":"01","sec`);
    await call('visitSection', '01', { section: 'the-claim-1', is_read: true });
    expect((await call<Task>('getTask')).progress.sections_done).toEqual(['the-claim-1']);
  });

  it('counts the checks that pass, and remembers when all passed first', async () => {
    const { call, checks } = createLabHarness();
    await call('startTask');
    const check = async (body: object, ...results: ReturnType<typeof resultOf>[]) => {
      await call('createCheckRun', '01', body);
      for (const result of results) checks.at(-1)?.listeners.onResult(result);
      checks.at(-1)?.resolve({ problem: null });
      await flush();
      return (await call<Task>('getTask')).progress;
    };
    expect(await check({}, resultOf('zero'), resultOf('absent', 'failed'), resultOf('cancel'))).toMatchObject({
      ...{ checks_passed: 2, checks_total: 3, completed_at: null, started: true },
    });
    expect(await check({ only: ['absent'] }, resultOf('absent'))).toMatchObject({ checks_passed: 3, completed_at: null });
    const { completed_at } = await check({}, resultOf('zero'), resultOf('absent'), resultOf('cancel'));
    expect(completed_at).not.toBeNull();
    expect(await check({ only: ['zero'] }, resultOf('zero', 'failed'))).toMatchObject({ checks_passed: 2, completed_at });
    await call('resetTask');
    const { progress, last_check_run } = await call<Task>('getTask');
    expect(progress).toMatchObject({ checks_passed: 0, completed_at: null });
    expect(last_check_run).toBeNull();
    expect(await check({}, resultOf('zero'))).toMatchObject({ checks_passed: 1, completed_at: null });
    expect((await call<Task>('getTask')).last_check_run).toMatchObject({ status: 'completed' });
  });

  it('says whether the solution replaced the copy before all checks passed', async () => {
    const { call, checks } = createLabHarness();
    const passAll = async () => {
      await call('createCheckRun', '01', {});
      for (const id of ['zero', 'absent', 'cancel']) checks.at(-1)?.listeners.onResult(resultOf(id));
      checks.at(-1)?.resolve({ problem: null });
      await flush();
      return (await call<Task>('getTask')).progress.with_solution;
    };
    await call('startTask');
    expect(await passAll()).toBe(false);
    await call('applySolution', '01', {});
    expect(await passAll()).toBe(false);
    await call('resetTask');
    await call('applySolution', '01', { force: true });
    expect(await passAll()).toBe(true);
    await call('resetTask');
    expect(await passAll()).toBe(false);
  });
});
