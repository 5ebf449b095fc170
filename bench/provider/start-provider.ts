import { join } from 'node:path';
import { type MeasuredProcess, startProcess } from '../common/measured-process.ts';

export interface ProviderOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The run id in the header of each response. */
  readonly runId?: string;
}

/** Starts the provider that all candidates call, as a separate process. Its URL does not include `/v1`. */
export function startProvider({ env, runId = '' }: ProviderOptions): Promise<MeasuredProcess> {
  return startProcess({ program: process.execPath, parameters: [join(import.meta.dirname, 'main.ts'), runId], env });
}
