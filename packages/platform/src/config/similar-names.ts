const SIMILARITY_MIN = 0.55;

/** Returns the name that is most similar to `name`, ignoring case; undefined when none is similar. */
export function findNearest(name: string, known: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let best = SIMILARITY_MIN;
  for (const candidate of known) {
    const similarity = similarityOf(name.toUpperCase(), candidate.toUpperCase());
    if (similarity <= best) continue;
    nearest = candidate;
    best = similarity;
  }
  return nearest;
}

/**
 * Returns a question such as ` Did you mean "large"?`, or nothing when no name is similar. Names that differ much from each
 * other may have more typos: pass fewer `lettersPerTypo`.
 */
export function suggest(name: string, known: Iterable<string>, lettersPerTypo = LETTERS_PER_TYPO): string {
  const names = [...known];
  const nearest = names.find((candidate) => isMisspelling(name, candidate, lettersPerTypo)) ?? findNearest(name, names);
  return nearest === undefined ? '' : ` Did you mean ${JSON.stringify(nearest)}?`;
}

/** The share of common letter pairs, 0 to 1 (Dice coefficient). Unlike an edit distance, it tolerates a missing word. */
function similarityOf(one: string, other: string): number {
  const [pairs, otherPairs] = [letterPairs(one), letterPairs(other)];
  const common = [...pairs].filter((pair) => otherPairs.has(pair)).length;
  return (2 * common) / (pairs.size + otherPairs.size || 1);
}

const letterPairs = (text: string) =>
  new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2)));

/** Shorter names are one typo away from unrelated ones. */
const LETTERS_PER_TYPO = 6;

/** Returns whether `name` is `known` in another case or with one typo for every `lettersPerTypo` letters, at most two. */
export function isMisspelling(name: string, known: string, lettersPerTypo = LETTERS_PER_TYPO): boolean {
  const [one, other] = [name.toUpperCase(), known.toUpperCase()];
  const typosMax = Math.min(2, Math.floor(known.length / lettersPerTypo));
  return Math.abs(one.length - other.length) <= typosMax && editDistance(one, other) <= typosMax;
}

/** The number of inserted, deleted, replaced or swapped letters (optimal string alignment). */
function editDistance(one: string, other: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const isEqual = one[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      current.push(
        Math.min(
          at(previous, j) + 1,
          at(current, j - 1) + 1,
          at(previous, j - 1) + (isEqual ? 0 : 1),
          isSwapped ? at(beforePrevious, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return at(previous, other.length);
}

const at = (distances: readonly number[], index: number) => distances[index] ?? Number.POSITIVE_INFINITY;
