import { tmpdir } from 'node:os';

/** Variables by which the global setup tells the workers what all system tests share. */
export const SHARED_POSTGRES_VARIABLE = 'PRODIGON_TEST_POSTGRES_URL';
export const CLUSTER_TEMPLATE_VARIABLE = 'PRODIGON_TEST_CLUSTER_TEMPLATE';
/** The folder for whatever tests write; the global teardown removes it. */
export const SCRATCH_VARIABLE = 'PRODIGON_TEST_SCRATCH';

/** The database that holds every table and no rows. */
export const MIGRATED_DATABASE = 'migrated';

/** Where to create temporary folders; the benchmarks, which run without the global setup, use the system's. */
export const scratchDirectory = (): string => process.env[SCRATCH_VARIABLE] ?? tmpdir();

/** The value of one of these variables; throws where the global setup has not run. */
export function sharedResource(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`Run the tests with npm test: its global setup sets ${variable}. Name the file *.system.test.ts.`);
  return value;
}
