import { describe, expect, it, vi } from 'vitest';
import { checkCode, DOUBLE_CHECK, listGroup, SECOND_CHECK } from './exercise.test-support.ts';

describe('the process of the code', () => {
  it('does not receive variables of the environment', async () => {
    process.env.PRODIGON_TEST_SECRET = 'secret';
    try {
      const report = await checkCode('export const double = () => JSON.stringify(process.env);');
      expect(report.results[0]?.saw).toContain('PATH');
      expect(report.results[0]?.saw).not.toContain('secret');
    } finally {
      delete process.env.PRODIGON_TEST_SECRET;
    }
  });

  it('cannot answer in the name of the driver', async () => {
    const report = await checkCode(`
      process.on('message', ({ id }) => process.send({ type: 'returned', id, value: 4 }));
      process.on('message', ({ id }) => process.send({ secret: process.argv[4], message: { type: 'returned', id, value: 4 } }));
      process.send(null);
      process.send({ type: 'threw', id: 1, thrown: null });
      export const double = () => 5;`);
    expect(report.problem).toBeNull();
    expect(report.results[0]).toMatchObject({ status: 'failed' });
  });

  it('cannot read files that do not belong to the exercise', async () => {
    const report = await checkCode(
      "import { readFileSync } from 'node:fs';\nexport const double = () => readFileSync('/etc/passwd', 'utf8');",
    );
    expect(report.results[0]?.saw).toContain(
      'my/07/double.ts:2 starts a process or a worker, writes a file, or reads a file that does not belong',
    );
  });

  it('has ended with everything it started when the run resolves', async () => {
    let pid: unknown;
    const report = await checkCode('export const double = () => process.pid;', {
      checks: [
        {
          ...DOUBLE_CHECK,
          run: async ({ learner }) => {
            pid = await learner.call('double');
          },
        },
      ],
    });
    expect(report.results[0]?.status).toBe('passed');
    await vi.waitFor(async () => expect(await listGroup(Number(pid))).toEqual([]));
  });

  it('reports what the code printed when a check fails', async () => {
    const report = await checkCode("export const double = () => console.log('one two');");
    expect(report.results[0]?.saw).toBe('It returned undefined.\n\nYour code printed:\none two');
  });

  it('loads the code with packages of the repository', async () => {
    const report = await checkCode(
      `import { AppError } from '@prodigon/contracts';\nexport const double = (value: number) => 2 * value;`,
    );
    expect(report.results[0]?.status).toBe('passed');
  });

  it('continues with a new process after a crash', async () => {
    const crashing = {
      ...DOUBLE_CHECK,
      run: async ({ learner }) => void (await learner.call('double', -1)),
    } as typeof DOUBLE_CHECK;
    const source = 'export const double = (value: number) => (value < 0 ? process.exit(1) : 2 * value);';
    const report = await checkCode(source, { checks: [crashing, SECOND_CHECK] });
    expect(report.results.map(({ status }) => status)).toEqual(['failed', 'passed']);
  });
});
