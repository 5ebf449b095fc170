import { cpus, release, totalmem } from 'node:os';
import type { LabEnvironment } from '@prodigon/contracts/workshop';

/** Describes the machine and software of this process. `version` is the version of the platform. */
export function describeEnvironment(version: string): LabEnvironment {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cpus: cores.length,
    memory_mb: Math.round(totalmem() / 1_048_576),
    os: `${process.platform} ${release()}`,
    node: process.version,
    prodigon: version,
  };
}
