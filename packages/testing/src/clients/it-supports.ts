import { it } from 'vitest';
import type { Feature } from './client-matrix.ts';
import { RUN_DEADLINE_MS } from './run-client.ts';

export interface TestedClient {
  /** E.g. `openai for Python`. */
  readonly name: string;
  /** Reads the version of the installed client. */
  version(): string;
}

declare module 'vitest' {
  interface TaskMeta {
    client?: { name: string; features: readonly Feature[]; version?: string };
  }
}

/** Defines the test that shows that a client supports these features. The matrix in README.md has a cell for each. */
export function itSupports({ name, version }: TestedClient, features: readonly Feature[], test: () => unknown): void {
  // The deadline of the client passes first, because its error contains the client's output.
  const options = { meta: { client: { name, features } }, timeout: RUN_DEADLINE_MS * 1.5 };
  it(`supports ${features.join(', ').toLowerCase()}`, options, async ({ task }) => {
    task.meta.client = { name, features, version: version() };
    await test();
  });
}
