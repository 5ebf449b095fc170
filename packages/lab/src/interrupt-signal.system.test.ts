import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const SCRIPT = `
import { untilInterrupted } from ${JSON.stringify(new URL('./interrupt-signal.ts', import.meta.url).href)};
await untilInterrupted(async (signal) => {
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
  const alive = setInterval(() => {}, 1_000);
  process.send('ready');
  await stopped;
  clearInterval(alive);
  process.disconnect();
  console.log('cleaned up');
});`;

it('lets the work clean up after Ctrl-C', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await once(child, 'message');
  child.kill('SIGINT');
  expect(await text(child.stdout as NodeJS.ReadableStream)).toBe('cleaned up\n');
  expect(await ended).toEqual([0, null]);
});
