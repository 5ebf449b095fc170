/** The minimum length of a word with one missing or extra letter, with one wrong letter, and with two errors. */
const LENGTH_MIN = { transposed: 5, missingOrExtra: 6, wrong: 8, twoErrors: 10 };

/**
 * Returns the word of the vocabulary that was probably meant, or null. Deliberately cautious: the first letter must
 * match, and short words may have few errors. MiniSearch's fuzzy search is no alternative: with any setting it misses
 * transpositions or turns "bread" into "break".
 */
export function correctSpelling(word: string, vocabulary: Iterable<string>): string | null {
  if (word.length < LENGTH_MIN.transposed || /\d/.test(word)) return null;
  const errorsMax = word.length >= LENGTH_MIN.twoErrors ? 2 : 1;
  let best: { word: string; errors: number } | null = null;
  for (const candidate of vocabulary) {
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > errorsMax) continue;
    // A short word is misspelled, not abbreviated or in another form.
    if (candidate.length < LENGTH_MIN.transposed) continue;
    const errors = editDistance(word, candidate);
    if (errors > errorsMax || (best && errors >= best.errors) || !isPlausible(word, candidate)) continue;
    best = { word: candidate, errors };
  }
  return best?.word ?? null;
}

function isPlausible(word: string, candidate: string): boolean {
  if (candidate.length !== word.length) return word.length >= LENGTH_MIN.missingOrExtra;
  return word.length >= LENGTH_MIN.wrong || lettersOf(candidate) === lettersOf(word);
}

function lettersOf(word: string): string {
  return [...word].sort().join('');
}

/** Returns the number of inserted, deleted, replaced and transposed letters (optimal string alignment distance). */
function editDistance(left: string, right: string): number {
  let rowBeforeLast: number[] = [];
  let lastRow = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const replaced = at(lastRow, column - 1) + (same ? 0 : 1);
      let errors = Math.min(replaced, at(lastRow, column) + 1, at(current, column - 1) + 1);
      const isTransposed = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isTransposed) errors = Math.min(errors, at(rowBeforeLast, column - 2) + 1);
      current.push(errors);
    }
    rowBeforeLast = lastRow;
    lastRow = current;
  }
  return at(lastRow, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
