import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';

const MODULE = new URL('logger.ts', import.meta.url).href;

/** Returns the standard output of a process that logs one line. */
function logOneLine({ isTerminal, env = {} }: { isTerminal: boolean; env?: NodeJS.ProcessEnv }): string {
  const script = `
    process.stdout.isTTY = ${isTerminal};
    process.stdout.hasColors = (await import('node:tty')).WriteStream.prototype.hasColors;
    process.stdout.getColorDepth = (await import('node:tty')).WriteStream.prototype.getColorDepth;
    const { createLogger } = await import(${JSON.stringify(MODULE)});
    createLogger({ service: 'gateway', level: 'info', secrets: ['a secret word'] }).info({ model: 'a secret word' }, 'it runs');
  `;
  const options = { encoding: 'utf8', env: { ...process.env, TERM: 'xterm', ...env } } as const;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], options).stdout;
}

it('writes one JSON object per line to a pipe', () => {
  expect(JSON.parse(logOneLine({ isTerminal: false }))).toMatchObject({
    level: 30,
    service: 'gateway',
    model: '[redacted]',
    msg: 'it runs',
  });
});

it.runIf(process.platform === 'linux')('keeps the process running while the disk of its output is full', () => {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const script = `
    const { createLogger } = await import(${JSON.stringify(MODULE)});
    const logger = createLogger({ service: 'gateway', level: 'info', secrets: [] });
    for (let count = 0; count < 100; count += 1) logger.info('text '.repeat(4_000));
    process.stderr.write('running');
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  expect([status, stderr]).toEqual([0, 'running']);
});

it('writes lines without colors to a terminal when NO_COLOR is set', () => {
  const line = logOneLine({ isTerminal: true, env: { NO_COLOR: '1', FORCE_COLOR: undefined } });
  expect(line).toContain('gateway: it runs');
  expect(line).not.toContain('\u001b');
});

it('writes readable lines to a terminal', () => {
  const line = logOneLine({ isTerminal: true });
  expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] /);
  expect(line).toContain('gateway: it runs');
  expect(line).not.toContain('secret');
});
