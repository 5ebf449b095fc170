import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';

/** Returns the machine, the commit and the load that figures depend on. The field names are keys of the result files. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    measured_at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    /** Whether the measured code differs from that commit. Result files do not count. */
    has_changes: git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/results') !== '',
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    cpu: `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}`,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    load_average_before: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function git(...args: string[]): string {
  return spawnSync('git', args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
}
