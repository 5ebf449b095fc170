import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

/** Returns, as `docker ps` and `docker inspect` do, two containers of the worker, and one of each other service. */
const CONTAINERS = `case "$*" in
  ps*service=worker) printf 'worker-b\\nworker-a\\n' ;;
  ps*service=*) echo "\${6#*service=}-a" ;;
  inspect*) echo 10.0.0.9 ;;
esac`;

interface RunOptions {
  /** What the fake programs do after they have recorded their call. */
  readonly containers?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further files in the folder of the repository. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Runs the script in a copy of its folder, with fake programs that record their calls. `engines` are those that answer. */
async function run(action: string, engines: readonly string[], { containers = '', env = {}, files = {} }: RunOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-containers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['scripts', 'programs', 'secrets']) mkdirSync(join(folder, name));
  for (const name of ['scripts/containers.sh', 'compose.yaml', 'compose.tls.yaml', 'compose.observability.yaml'])
    copyFileSync(join(ROOT, name), join(folder, name));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  for (const program of ['docker', 'podman', 'podman-compose', 'sleep']) {
    const code = program === 'sleep' || engines.includes(program) ? 0 : 1;
    const replicas = `$\{WORKER_REPLICAS:+ with $WORKER_REPLICAS workers}`;
    const text = `#!/bin/sh\necho "${program} $*${replicas}" >>"${calls}"\n${containers}\nexit ${code}\n`;
    writeFileSync(join(folder, 'programs', program), text, { mode: 0o755 });
  }
  const variables = { PATH: `${folder}/programs:/usr/bin:/bin`, COMPOSE_PROJECT_NAME: 'mine', HTTP_PORT: '8080', ...env };
  const result = await promisify(execFile)('/bin/sh', [join(folder, 'scripts/containers.sh'), action], { env: variables }).then(
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

const PODMAN = ['podman', 'podman-compose'];
/** The calls that change something. */
const changesOf = (calls: readonly string[]) =>
  calls.filter((call) => /^(?:docker|podman-)compose|^docker compose|^podman build/.test(call));

it('uses Docker Compose if a Docker engine answers, and says so', async () => {
  const { stdout, calls } = await run('run', ['docker', ...PODMAN]);
  expect(stdout).toContain('Starting Prodigon with docker compose -p mine ...');
  expect(stdout).toContain('Prodigon is running: http://localhost:8080');
  // Containers that exist would keep their secrets.
  const down = 'docker compose -p mine down --remove-orphans --timeout 40';
  expect(changesOf(calls).slice(1)).toEqual([
    'docker compose -p mine build',
    down,
    'docker compose -p mine up --detach --no-build',
  ]);
  expect((await run('stop', ['docker'])).calls).toContain(down);
});

it('uses podman-compose if no Docker engine answers, and removes the network, which podman-compose keeps', async () => {
  const { stdout, calls } = await run('run', PODMAN);
  expect(stdout).toContain('Starting Prodigon with podman-compose -p mine ...');
  // podman-compose ignores the condition that the secrets are written.
  expect(changesOf(calls).slice(-2)).toEqual([
    'podman-compose -p mine run --rm --no-deps -T secrets',
    'podman-compose -p mine up --detach --no-build',
  ]);
  expect((await run('stop', PODMAN)).calls).toContain('podman network rm --force mine_default');
});

it('builds each image once with podman, from a registry if the base image is not local', async () => {
  const imagesOf = (calls: readonly string[]) =>
    changesOf(calls).flatMap((call) => /--tag (\S+) --build-arg NODE_IMAGE=(\S+)/.exec(call)?.slice(1).join(' ') ?? []);
  const targets = ['worker', 'model', 'gateway', 'migrate', 'frontend'];
  const local = await run('run', PODMAN);
  expect(imagesOf(local.calls)).toEqual(targets.map((target) => `prodigon-${target} node:24-bookworm-slim`));
  const remote = await run('run', PODMAN, { containers: 'case "$*" in image*exists*) exit 1 ;; esac' });
  expect(imagesOf(remote.calls)[0]).toBe('prodigon-worker docker.io/library/node:24-bookworm-slim');
});

it('prints the addresses of everything that it starts', async () => {
  const files = { '.env': 'COMPOSE_FILE=compose.yaml:compose.tls.yaml:compose.observability.yaml\nHTTPS_PORT="8443"\n' };
  const { stdout, stderr } = await run('run', ['docker'], { files });
  expect(stdout).toMatch(/^Prodigon is running: https:\/\/localhost:8443\nGrafana: .*:3001\nPrometheus: .*:9090$/m);
  expect(stderr).toBe('');
});

it('does not wait for a container that ends again and again, and shows the end of its log', async () => {
  const containers = `case "$*" in exec*) exit 1 ;; ps*Names*) echo mine_gateway_1 ;; *Running*) echo "true 78 3" ;;
    inspect*RestartCount*) echo 3 ;; logs*) echo "set API_KEYS" ;; esac`;
  const { code, stderr, calls } = await run('run', ['docker'], { containers });
  expect(code).toBe(1);
  expect(stderr).toContain('mine_gateway_1:\n  set API_KEYS\n');
  expect(calls.filter((call) => call.startsWith('sleep'))).toEqual([]);
});

it('shows what containers print, but not what podman-compose itself prints', async () => {
  const containers = `case "$*" in *secrets*) printf ' ** merged:\\n {\\n  "name": "mine"\\n}\\n'
    echo "podman run --name=mine_secrets_tmp1"; echo "Ignored POSTGRES_PASSWORD"; echo "exit code: 0" ;; esac`;
  const { code, stderr } = await run('run', PODMAN, { containers });
  expect([code, stderr]).toEqual([0, 'Ignored POSTGRES_PASSWORD\n']);
});

it('fails when podman-compose cannot start a container, although it exits with 0, and stops the others', async () => {
  const containers = `case "$*" in *up*) echo "podman run --name=mine_nginx_1"
    echo "Error: listen tcp4 127.0.0.1:80: bind: address already in use"; echo "exit code: 126" ;; esac`;
  const { code, stdout, stderr, calls } = await run('run', PODMAN, { containers });
  expect(code).toBe(1);
  expect(stderr).toContain('Another program uses the port. Choose another one, for example with HTTP_PORT=8080.');
  expect(stderr).not.toContain('podman run');
  expect(stdout).not.toContain('is running');
  expect(calls.lastIndexOf('podman network rm --force mine_default')).toBeGreaterThan(
    calls.indexOf('podman-compose -p mine up --detach --no-build'),
  );
});

it.each([
  [{ env: { API_KEYS: 'key-of-this-test-0123' } }, 'API_KEYS is set in the environment or in .env'],
  [{ files: { '.env': 'API_KEYS=key-of-this-test-0123\n' } }, 'Save the keys in the file ./secrets/API_KEYS.'],
  [{ env: { WORKER_REPLICAS: 'abc' } }, 'WORKER_REPLICAS must be a positive number.'],
])('starts nothing with %j', async (options, problem) => {
  const { code, stderr, calls } = await run('run', ['docker'], options);
  expect(code).toBe(78);
  expect(stderr).toContain(problem);
  expect(changesOf(calls).slice(1)).toEqual([]);
});

it('names the settings of .env that have no effect', async () => {
  const files = {
    '.env': '# Comment\nLOG_LEVEL=debug\nLOG_LEVL=debug\nMODEL_TRANSPORT=http1\nEMPTY=\nAPI_KEYS=key-of-this-test-0123\n',
    'secrets/API_KEYS': 'key-of-this-test-0123',
  };
  const { code, stderr } = await run('run', ['docker'], { files });
  expect(code).toBe(0);
  expect(stderr).toContain('Containers ignore these settings of .env: LOG_LEVL MODEL_TRANSPORT API_KEYS.');
});

it('starts a container of the new image before it stops each old one, after the migrations', async () => {
  const { stdout, calls } = await run('update', ['docker'], { containers: CONTAINERS });
  expect(stdout).toMatch(/^The update is complete\.$/m);
  const changes = calls.filter((call) => /^docker (?:compose|stop|rm|exec)|^sleep/.test(call));
  const check = (port: string) => `docker exec gateway-a node infra/container/check-health.mjs http://10.0.0.9:${port}`;
  const start = 'docker compose -p mine up --detach --no-build --no-deps --no-recreate';
  expect(changes).toEqual([
    'docker compose version',
    'docker compose -p mine build',
    'docker compose -p mine run --rm --no-deps -T secrets',
    'docker compose -p mine run --rm --no-deps -T migrate',
    `${start} redis`,
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
  expect(stderr).toMatch(
    /^Prodigon needs Docker with Docker Compose, or podman with podman-compose, but neither works on this machine\.\n$/,
  );
});
