import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const SCRIPT = resolve(import.meta.dirname, 'containers.sh');

/** Returns, as `docker ps` and `docker inspect` do, two containers of the worker, and one of each other service. */
const CONTAINERS = `case "$*" in
  ps*service=worker) printf 'worker-b\\nworker-a\\n' ;;
  ps*service=*) echo "\${6#*service=}-a" ;;
  inspect*) echo 10.0.0.9 ;;
esac`;

/** Runs the script with fake programs that record their calls. `engines` are those that answer. */
async function run(action: string, engines: readonly string[], { containers = '' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-containers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  for (const program of ['docker', 'podman', 'podman-compose', 'sleep']) {
    const code = program === 'sleep' || engines.includes(program) ? 0 : 1;
    const replicas = `$\{WORKER_REPLICAS:+ with $WORKER_REPLICAS workers}`;
    writeFileSync(
      join(folder, program),
      `#!/bin/sh\necho "${program} $*${replicas}" >>"${calls}"\n${containers}\nexit ${code}\n`,
    );
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

it('starts a container of the new image before it stops each old one, after the migrations', async () => {
  const { stdout, calls } = await run('update', ['docker'], { containers: CONTAINERS });
  expect(stdout).toMatch(/^Prodigon is updated\.$/m);
  const changes = calls.filter((call) => /^docker (?:compose|stop|rm|exec)|^sleep/.test(call));
  const check = (port: string) => `docker exec gateway-a node infra/container/check-health.mjs http://10.0.0.9:${port}`;
  const start = 'docker compose -p mine up --detach --no-build --no-deps --no-recreate';
  expect(changes).toEqual([
    'docker compose version',
    'docker compose -p mine build',
    'docker compose -p mine run --rm --no-deps migrate',
    ...[`${start} model`, check('8001/readyz'), 'sleep 10', 'docker stop -t 40 model-a', 'docker rm model-a'],
    ...[`${start} worker with 3 workers`, `${check('8002/readyz')} http://10.0.0.9:8002/readyz`, 'sleep 10'],
    ...['docker stop -t 40 worker-b', 'docker rm worker-b'],
    ...[`${start} worker with 3 workers`, `${check('8002/readyz')} http://10.0.0.9:8002/readyz`, 'sleep 10'],
    ...['docker stop -t 40 worker-a', 'docker rm worker-a'],
    ...[`${start} gateway`, check('8000/readyz'), 'sleep 10', 'docker stop -t 40 gateway-a', 'docker rm gateway-a'],
    ...[`${start} frontend`, check('3000/livez'), 'sleep 10', 'docker stop -t 40 frontend-a', 'docker rm frontend-a'],
  ]);
});

it('updates only a platform that runs', async () => {
  const { code, stderr, calls } = await run('update', ['docker']);
  expect([code, stderr]).toEqual([1, 'Prodigon is not running. Start it: make run-docker\n']);
  expect(calls.filter((call) => /build|up /.test(call))).toEqual([]);
});

it('explains in one sentence that no engine answers', async () => {
  const { code, stdout, stderr } = await run('run', []);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Prodigon needs Docker with Docker Compose, or podman with podman-compose, and neither answers\.\n$/);
});
