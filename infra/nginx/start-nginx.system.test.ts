import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, 'start-nginx.sh');
const WAIT = { timeout: 60_000, interval: 20 };

/** Records its arguments and signals. A shell script could not: a background process of a shell ignores SIGQUIT. */
const NGINX = `#!${process.execPath}
const { appendFileSync } = require('node:fs');
const record = (event) => appendFileSync(__dirname + '/events', event + '\\n');
process.on('SIGHUP', () => record('reloaded'));
process.on('SIGQUIT', () => process.exit(record('quit')));
setInterval(() => {}, 1_000);
record('started ' + process.argv[3]);
`;

/** Starts the script with programs that record what it does, and a file of addresses instead of DNS. */
function start(env: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-start-nginx-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  const program = (name: string, text: string) => {
    write(name, `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const events = join(folder, 'events');
  program('getent', `grep " $2$" "${folder}/addresses"`);
  program('sleep', 'exec /bin/sleep 0.05');
  write('nginx', NGINX);
  chmodSync(join(folder, 'nginx'), 0o755);
  write('addresses', '');
  const child = spawn('/bin/sh', [SCRIPT, '/etc'], {
    env: { PATH: `${folder}:${process.env.PATH}`, TMPDIR: folder, ...env },
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true });
  });
  return {
    child,
    exited,
    folder,
    setAddresses: (...lines: string[]) => write('addresses', `${lines.join('\n')}\n`),
    events: () => (existsSync(events) ? readFileSync(events, 'utf8').trim().split('\n') : []),
  };
}

it('waits for the addresses, reloads when they change, and ends open streams on SIGTERM', async () => {
  const { child, exited, setAddresses, events } = start();
  setAddresses('10.0.0.1 gateway');
  setAddresses('10.0.0.1 gateway', '10.0.0.9 frontend');
  await vi.waitFor(() => expect(events()).toEqual(['started /etc/nginx.conf']), WAIT);
  setAddresses('10.0.0.1 gateway', '10.0.0.2 gateway', '10.0.0.9 frontend');
  await vi.waitFor(() => expect(events()).toEqual(['started /etc/nginx.conf', 'reloaded']), WAIT);
  // Without any address, the configuration could not load.
  setAddresses('10.0.0.9 frontend');
  setAddresses('10.0.0.2 gateway', '10.0.0.9 frontend');
  await vi.waitFor(() => expect(events().slice(2)).toEqual(['reloaded']), WAIT);
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(events().at(-1)).toBe('quit');
});

it('names a port of HTTPS that is not the default', async () => {
  const { folder } = start({ HTTPS_PORT: '8443' });
  await vi.waitFor(() => expect(readFileSync(join(folder, 'https-port.conf'), 'utf8')).toBe('set $https_port :8443;\n'), WAIT);
  expect(await start({ HTTPS_PORT: 'a; return 200' }).exited).toEqual([78, null]);
});
