import fc from 'fast-check';
import { fuzzSettings } from './fuzz-settings.ts';
import { HOSTILE_PIECES } from './hostile-text.ts';
import { splitAt } from './split-bytes.ts';

/**
 * Checks a fast-check property with the seed `FUZZ_SEED` and `FUZZ_CASES` cases (default: `cases`). Throws an error with
 * the smallest counterexample and the variables that reproduce the run.
 */
export async function checkProperty<Values>(
  { cases }: { cases: number },
  property: fc.IRawProperty<Values>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const settings = fuzzSettings({ cases }, env);
  const details = await fc.check(property, { seed: settings.seed, numRuns: settings.cases });
  if (!details.failed) return;
  throw new Error(`${settings.reproduceWith}\n${await fc.asyncDefaultReportMessage(details)}`, { cause: details.errorInstance });
}

/** Generates texts that break naive framing, encoding or escaping. They are never empty and always well-formed Unicode. */
export function hostileTexts({ piecesMax = 12 }: { piecesMax?: number } = {}): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...HOSTILE_PIECES) },
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  );
  return fc.array(piece, { minLength: 1, maxLength: piecesMax }).map((pieces) => pieces.join(''));
}

/** Generates splits of the bytes into chunks, as a network may deliver them. Some chunks are empty. */
export function byteSplits(bytes: Uint8Array): fc.Arbitrary<Uint8Array[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 9 }).map((offsets) =>
    splitAt(
      bytes,
      offsets.sort((a, b) => a - b),
    ),
  );
}

/** Yields the bytes split in two at every offset, and then byte by byte. */
export function* everySplit(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let offset = 0; offset <= bytes.length; offset++) yield splitAt(bytes, [offset]);
  yield splitAt(bytes, Array.from(bytes.keys()));
}
