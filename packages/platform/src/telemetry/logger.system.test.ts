import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULE = new URL('logger.ts', import.meta.url).href;

/** Returns the standard output of a process that logs one line. */
function logOneLine({ isTerminal }: { isTerminal: boolean }): string {
  const script = `
    process.stdout.isTTY = ${isTerminal};
    const { createLogger } = await import(${JSON.stringify(MODULE)});
    createLogger({ service: 'gateway', level: 'info', secrets: ['a secret word'] }).info({ model: 'a secret word' }, 'it runs');
  `;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout;
}

it('writes one JSON object per line to a pipe', () => {
  expect(JSON.parse(logOneLine({ isTerminal: false }))).toMatchObject({
    level: 30,
    service: 'gateway',
    model: '[redacted]',
    msg: 'it runs',
  });
});

it('writes readable lines to a terminal', () => {
  const line = logOneLine({ isTerminal: true });
  expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] /);
  expect(line).toContain('gateway: it runs');
  expect(line).not.toContain('secret');
});
