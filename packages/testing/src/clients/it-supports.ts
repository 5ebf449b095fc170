import { it } from 'vitest';
import type { Feature } from './client-matrix.ts';

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
  it(`supports ${features.join(', ').toLowerCase()}`, { meta: { client: { name, features } } }, async ({ task }) => {
    task.meta.client = { name, features, version: version() };
    await test();
  });
}
