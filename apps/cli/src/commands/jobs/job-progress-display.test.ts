import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createJobProgressDisplay } from './job-progress-display.ts';
import { createJobFixture } from './run-jobs.test-support.ts';

function display(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  let now = 0;
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 60 });
  const output = stderr as unknown as NodeJS.WriteStream;
  const shown = createJobProgressDisplay({ stderr: output, terminal: output, env }, () => now);
  return { ...shown, at: (time: number) => (now = time), written: () => String(stderr.read() ?? '') };
}

const at = (completed: number) => createJobFixture({ total_prompts: 100, completed_prompts: completed });

it('redraws one line on a terminal at most every 100 ms', () => {
  const { show, setConnected, end, at: setTime, written } = display(true);
  show(at(10));
  show(at(11));
  setTime(100);
  show(at(20));
  setConnected(false);
  setConnected(false);
  setConnected(true);
  show(at(21));
  end();
  const lines = written().split('\r').slice(1);
  expect(lines).toHaveLength(5);
  expect(lines.map((line) => Number(/(\d+)%/.exec(line)?.[1]))).toEqual([10, 20, 20, 20, 21]);
  expect(lines[2]).toContain('connection lost');
  expect(lines.at(-1)?.endsWith('\u001b[K\n')).toBe(true);
});

it.each([
  { isTTY: false, env: {} },
  { isTTY: true, env: { TERM: 'dumb' } },
])('writes a line every 10 s without a capable terminal ($isTTY, $env)', ({ isTTY, env }) => {
  const { show, setConnected, end, at: setTime, written } = display(isTTY, env);
  show(at(10));
  setTime(9_999);
  show(at(20));
  setTime(10_000);
  show(at(30));
  setConnected(false);
  setConnected(true);
  show(createJobFixture({ ...at(100), status: 'completed' }));
  end();
  expect(written()).toBe(
    [
      '10% 10/100 · 1 running · 0 tokens',
      '30% 30/100 · 1 running · 2.0/s · 0 tokens',
      'Connection lost, reconnecting. The job continues.',
      'Reconnected.',
      '100% 100/100 · completed · 1 running · 9.0/s · 0 tokens',
      '',
    ].join('\n'),
  );
});

it('writes nothing to a terminal when no job was shown', () => {
  const { setConnected, end, written } = display(true);
  setConnected(false);
  end();
  expect(written()).toBe('');
});
