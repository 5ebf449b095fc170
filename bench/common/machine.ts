import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { REPOSITORY_ROOT } from '@prodigon/platform';

/** What figures depend on besides the code. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    measured_at: new Date().toISOString(),
    commit: spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: REPOSITORY_ROOT, encoding: 'utf8' }).stdout.trim(),
    node: process.version,
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    load_average_before: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
