import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const PREPARE = resolve(import.meta.dirname, '../../../infra/container/prepare-podman.sh');

export interface ContainerEngine {
  /** Variables for the programs that build and run containers. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command of the engine, e.g. `ps`, and returns its standard output. */
  run(...parameters: string[]): string;
}

/**
 * Returns Docker if its engine answers, otherwise podman. As root on Debian it installs podman and builds base images.
 * Throws an error of one sentence if no engine can be had.
 */
export function requireContainerEngine(): ContainerEngine {
  if (succeeds('docker', 'info') && succeeds('docker', 'compose', 'version')) return engineOf('docker', {});
  return installPodman('The deployment tests need Docker with Docker Compose, or root on Debian to install podman.');
}

/** Returns podman, which can play Kubernetes manifests. Installs it like `requireContainerEngine`. */
export function requirePodman(): ContainerEngine {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && succeeds('podman', 'info')) return engineOf('podman', {});
  return installPodman('The tests that play the Kubernetes manifests need podman, or root on Debian to install it.');
}

function installPodman(hint: string): ContainerEngine {
  if (process.getuid?.() !== 0 || !succeeds('apt-get', '--version')) throw new Error(hint);
  const output = execFileSync('bash', [PREPARE], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const [, configuration = ''] = /^export CONTAINERS_CONF=(.+)$/m.exec(output) ?? [];
  return engineOf('podman', { CONTAINERS_CONF: configuration });
}

function engineOf(program: string, env: Record<string, string>): ContainerEngine {
  return {
    env,
    run: (...parameters) =>
      execFileSync(program, parameters, {
        encoding: 'utf8',
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 1 << 26,
      }).trim(),
  };
}

function succeeds(program: string, ...parameters: string[]): boolean {
  try {
    execFileSync(program, parameters, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
