import { join } from 'node:path';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';

export interface ProviderOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Of the run that it belongs to, for each answer to tell. */
  readonly runId?: string;
}

/** Starts the provider that all candidates call, as a process of its own. Its URL has no `/v1` yet. */
export function startProvider({ env, runId = '' }: ProviderOptions): Promise<MeasuredProcess> {
  return startProcess({ program: process.execPath, parameters: [join(import.meta.dirname, 'main.ts'), runId], env });
}
