import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { CommandContext } from './command.ts';
import { createSupervisorLog } from './supervisor-log.ts';

function write(isTTY: boolean) {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const log = createSupervisorLog({ stdout, stderr } as unknown as CommandContext, () => new Date('2026-01-01T00:00:00.000Z'));
  log.announce('Running: http://127.0.0.1\n  Stop    Ctrl-C');
  log.report('Stopping.');
  log.report('worker stopped.', 'crashed');
  return { stdout: String(stdout.read()), stderr: String(stderr.read()) };
}

it('writes JSON lines with the fields of the services unless standard output is a terminal', () => {
  const { stdout, stderr } = write(false);
  const line = { level: 30, time: '2026-01-01T00:00:00.000Z', service: 'supervisor', pid: process.pid };
  const parse = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
  expect(parse(stdout)).toEqual([
    { ...line, msg: 'Running: http://127.0.0.1' },
    { ...line, msg: 'Stop    Ctrl-C' },
  ]);
  expect(parse(stderr)).toEqual([
    { ...line, msg: 'Stopping.' },
    { ...line, level: 40, msg: 'worker stopped.' },
  ]);
});

it('writes plain text to a terminal', () => {
  expect(write(true)).toEqual({
    stdout: '\nRunning: http://127.0.0.1\n  Stop    Ctrl-C\n\n',
    stderr: 'Stopping.\nworker stopped.\n',
  });
});
