import { join } from 'node:path';
import { type MeasuredProcess, type ProcessOptions, startProcess } from '../common/measured-process.ts';

/** Starts the provider that all contestants call, as a process of its own. Its URL has no `/v1` yet. */
export function startProvider(options: Pick<ProcessOptions, 'env' | 'cpus'>): Promise<MeasuredProcess> {
  return startProcess({ program: process.execPath, parameters: [join(import.meta.dirname, 'main.ts')], ...options });
}
