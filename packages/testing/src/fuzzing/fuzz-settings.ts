const VARIABLES = { seed: 'FUZZ_SEED', cases: 'FUZZ_CASES' } as const;
const SEED_DEFAULT = 1;

export interface FuzzSettings {
  /** What all random choices follow from. */
  readonly seed: number;
  /** How many cases are tried. */
  readonly cases: number;
  /** What to set to meet the same cases again. */
  readonly repeat: string;
}

/**
 * Every run tries the same unless `FUZZ_SEED` or `FUZZ_CASES` say otherwise. Throws where one of them is no whole
 * number from 0.
 */
export function fuzzSettings({ cases }: { cases: number }, env: NodeJS.ProcessEnv = process.env): FuzzSettings {
  const seed = numberFrom(env, VARIABLES.seed) ?? SEED_DEFAULT;
  const settings = { seed, cases: numberFrom(env, VARIABLES.cases) ?? cases };
  return { ...settings, repeat: `${VARIABLES.seed}=${settings.seed} ${VARIABLES.cases}=${settings.cases}` };
}

function numberFrom(env: NodeJS.ProcessEnv, variable: string): number | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Error(`${variable} has to be a whole number, not "${value}".`);
  return Number(value);
}
