import { arch, cpus, release, totalmem, type } from 'node:os';
import type { LabEnvironment } from '@prodigon/contracts/workshop';
import { VERSION } from '@prodigon/platform/configuration';

const BYTES_PER_MB = 1_048_576;

/** Returns the machine and the software that the figures of a run depend on. */
export function describeEnvironment(): LabEnvironment {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() || 'unknown',
    cpus: all.length,
    memory_mb: Math.round(totalmem() / BYTES_PER_MB),
    os: `${type()} ${release()} ${arch()}`,
    node: process.version,
    prodigon: VERSION,
  };
}
