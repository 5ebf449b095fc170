import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { listGroup, REPOSITORY, writeExercise } from './exercise.test-support.ts';
import { withExerciseFolder } from './run-mutants.ts';

const CHECKER = fileURLToPath(new URL('./start-blocked-learner.test-support.ts', import.meta.url));

it.for([
  { title: 'blocks the event loop', body: 'for (;;) value += 1;' },
  { title: 'ignores the end of the connection', body: "process.removeAllListeners('disconnect'); setInterval(() => {}, 1_000);" },
])('ends the code that $title when the checker is killed', ({ body }) =>
  withExerciseFolder(REPOSITORY, async (folder) => {
    const driver = await writeExercise(folder, `export function double(value) { ${body} return new Promise(() => {}); }`);
    const checker = spawn(process.execPath, [CHECKER, driver, folder, REPOSITORY], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(checker.stdout, 'data');
    const pid = Number(line);
    expect(await listGroup(pid)).not.toEqual([]);
    checker.kill('SIGKILL');
    await vi.waitFor(async () => expect(await listGroup(pid)).toEqual([]), { timeout: 30_000 });
  }),
);
