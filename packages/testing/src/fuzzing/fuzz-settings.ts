const VARIABLES = { seed: 'FUZZ_SEED', cases: 'FUZZ_CASES' } as const;
const SEED_DEFAULT = 1;

export interface FuzzSettings {
  /** Determines all random choices. */
  readonly seed: number;
  /** Number of test cases. */
  readonly cases: number;
  /** Variables that reproduce the run, e.g. `FUZZ_SEED=1 FUZZ_CASES=20`. */
  readonly reproduceWith: string;
}

/**
 * Returns the settings of a fuzz test. Every run is the same unless `FUZZ_SEED` or `FUZZ_CASES` is set. Throws if one of
 * them is not a whole number.
 */
export function fuzzSettings({ cases }: { cases: number }, env: NodeJS.ProcessEnv = process.env): FuzzSettings {
  const seed = numberFrom(env, VARIABLES.seed) ?? SEED_DEFAULT;
  const settings = { seed, cases: numberFrom(env, VARIABLES.cases) ?? cases };
  return { ...settings, reproduceWith: `${VARIABLES.seed}=${settings.seed} ${VARIABLES.cases}=${settings.cases}` };
}

function numberFrom(env: NodeJS.ProcessEnv, variable: string): number | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Error(`${variable} must be a whole number, not "${value}".`);
  return Number(value);
}
