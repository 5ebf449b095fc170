import { beforeAll, describe, expect } from 'vitest';
import type { Deployment } from '../start-deployment.ts';
import { libraryScript, startForClients } from './client-harness.ts';
import type { Feature } from './client-matrix.ts';
import { itSupports } from './it-supports.ts';
import { INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

export interface ClientProgram {
  readonly name: string;
  readonly features: readonly Feature[];
  /** Installs the client, and returns the command of a program that prints a line of JSON for the version and each feature. */
  prepare(): Promise<readonly [program: string, ...parameters: string[]]>;
  /** A sentence that says why this machine cannot run the program. */
  readonly missing?: string | undefined;
}

interface Line {
  readonly version?: string;
  readonly feature?: string;
  readonly error?: string;
}

/** Defines the tests of a client in another language, one for each feature. */
export function describeClientProgram({ name, features, prepare, missing }: ClientProgram): void {
  describe.skipIf(missing !== undefined)(missing ? `${name}: ${missing}` : name, () => {
    let deployment: Deployment;
    let lines: Line[] = [];

    beforeAll(async () => {
      const [program, ...parameters] = await prepare();
      deployment = await startForClients(libraryScript);
      // These two clients would otherwise load lists from the internet, and write bytecode next to the source.
      const env = {
        ...process.env,
        BASE_URL: deployment.url,
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        PYTHONDONTWRITEBYTECODE: '1',
      };
      const output = await runClient({ title: `${name} uses ${features.length} features`, program, parameters, env });
      lines = output
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    }, INSTALLATION_DEADLINE_MS * 2);

    const client = { name, version: () => lines.find(({ version }) => version)?.version ?? '?' };
    for (const feature of features) {
      itSupports(client, [feature], () => expect(lines.filter((line) => line.feature === feature)).toEqual([{ feature }]));
    }
  });
}
