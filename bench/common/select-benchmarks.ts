export type Selection = { readonly selected: readonly string[] | null } | { readonly unknown: readonly string[] };

/** Reads the values of `--only`, each a comma-separated list. Null stands for the default selection. */
export function selectBenchmarks(only: readonly string[] | undefined, known: readonly string[]): Selection {
  if (!only) return { selected: null };
  const names = only.flatMap((list) => list.split(',').map((name) => name.trim()));
  const unknown = names.filter((name) => !known.includes(name));
  return unknown.length > 0 ? { unknown } : { selected: names };
}
