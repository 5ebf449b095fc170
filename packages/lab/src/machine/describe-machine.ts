import { spawnSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { REPOSITORY_ROOT } from '@prodigon/platform/configuration';

/** What figures depend on besides the code. Field names are those of the result files. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    measured_at: new Date().toISOString(),
    commit: git('rev-parse', '--short', 'HEAD'),
    /** Whether the code that ran differs from that commit. Results of before are no code. */
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
