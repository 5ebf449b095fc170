import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULE = new URL('logger.ts', import.meta.url).href;

/** What a process writes that logs one line to its standard output. */
function logged({ isTerminal }: { isTerminal: boolean }): string {
  const script = `
    process.stdout.isTTY = ${isTerminal};
    const { createLogger } = await import(${JSON.stringify(MODULE)});
    createLogger({ service: 'gateway', level: 'info', secrets: ['a secret word'] }).info({ model: 'a secret word' }, 'it runs');
  `;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout;
}

it('writes an object a line, which programs read', () => {
  expect(JSON.parse(logged({ isTerminal: false }))).toMatchObject({
    level: 30,
    service: 'gateway',
    model: '[redacted]',
    msg: 'it runs',
  });
});

it('writes words to a terminal, which people read', () => {
  const line = logged({ isTerminal: true });
  expect(line).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] /);
  expect(line).toContain('gateway: it runs');
  expect(line).not.toContain('secret');
});
