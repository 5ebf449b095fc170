import { tmpdir } from 'node:os';

/** Variables that pass shared resources from the global setup to the Vitest workers. */
export const SHARED_POSTGRES_VARIABLE = 'PRODIGON_TEST_POSTGRES_URL';
export const CLUSTER_TEMPLATE_VARIABLE = 'PRODIGON_TEST_CLUSTER_TEMPLATE';
/** Folder for temporary files, which the global teardown deletes. */
export const SCRATCH_VARIABLE = 'PRODIGON_TEST_SCRATCH';

/** Template database with all tables and no rows. */
export const MIGRATED_DATABASE = 'migrated';

/** Returns the folder for temporary files. Benchmarks run without the global setup and use the system's folder. */
export const scratchDirectory = (): string => process.env[SCRATCH_VARIABLE] ?? tmpdir();

/** Returns the value of a variable above. Throws if the global setup has not run. */
export function sharedResource(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`Run the tests with npm test: its global setup sets ${variable}. Name the file *.system.test.ts.`);
  return value;
}
