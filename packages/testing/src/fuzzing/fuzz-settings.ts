const VARIABLES = { seed: 'FUZZ_SEED', cases: 'FUZZ_CASES' } as const;

export interface FuzzSettings {
  /** What all random choices follow from. */
  readonly seed: number;
  /** How many cases are tried. */
  readonly cases: number;
  /** What to set to meet the same cases again. */
  readonly repeat: string;
}

/**
 * The seed is today's unless `FUZZ_SEED` gives one, so that runs of one day agree and each day looks elsewhere;
 * `FUZZ_CASES` stands in for `cases`. Throws where either is no whole number from 0.
 */
export function fuzzSettings({ cases }: { cases: number }, env: NodeJS.ProcessEnv = process.env, now = Date.now): FuzzSettings {
  const seed = numberFrom(env, VARIABLES.seed) ?? Math.floor(now() / 86_400_000);
  const settings = { seed, cases: numberFrom(env, VARIABLES.cases) ?? cases };
  return { ...settings, repeat: `${VARIABLES.seed}=${settings.seed} ${VARIABLES.cases}=${settings.cases}` };
}

function numberFrom(env: NodeJS.ProcessEnv, variable: string): number | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  if (!/^\d{1,15}$/.test(value)) throw new Error(`${variable} has to be a whole number, not "${value}".`);
  return Number(value);
}
