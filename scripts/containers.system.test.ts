import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, 'containers.sh');

/** Runs the script with fake programs that record their calls. `engines` are those that answer. */
async function run(action: string, engines: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-containers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  for (const program of ['docker', 'podman', 'podman-compose']) {
    const code = engines.includes(program) ? 0 : 1;
    writeFileSync(join(folder, program), `#!/bin/sh\necho "${program} $*" >>"${calls}"\nexit ${code}\n`);
    chmodSync(join(folder, program), 0o755);
  }
  const env = { PATH: `${folder}:/usr/bin:/bin`, COMPOSE_PROJECT_NAME: 'mine', HTTP_PORT: '8080' };
  const result = await promisify(execFile)('/bin/sh', [SCRIPT, action], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
  return {
    ...result,
    calls: readFileSync(calls, 'utf8')
      .split('\n')
      .map((line) => line.trimEnd()),
  };
}

it('uses Docker Compose if a Docker engine answers, and says so', async () => {
  const { stdout, calls } = await run('run', ['docker', 'podman', 'podman-compose']);
  expect(stdout).toContain('Starting Prodigon with docker compose -p mine ...');
  expect(stdout).toContain('Prodigon is running: http://localhost:8080');
  expect(calls).toContain('docker compose -p mine up --detach --build');
  expect((await run('stop', ['docker'])).calls).toContain('docker compose -p mine down --remove-orphans --timeout 40');
});

it('uses podman-compose if no Docker engine answers, and removes the network, which podman-compose keeps', async () => {
  const { stdout, calls } = await run('run', ['podman', 'podman-compose']);
  expect(stdout).toContain('Starting Prodigon with podman-compose -p mine ...');
  expect(calls).toContain('podman-compose -p mine up --detach --no-build');
  expect((await run('stop', ['podman', 'podman-compose'])).calls).toContain('podman network rm --force mine_default');
});

it('explains in one sentence that no engine answers', async () => {
  const { code, stdout, stderr } = await run('run', []);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Prodigon needs Docker with Docker Compose, or podman with podman-compose, and neither answers\.\n$/);
});
