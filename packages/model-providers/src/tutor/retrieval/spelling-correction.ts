/**
 * Returns the word of the vocabulary that was probably meant, or null. Deliberately cautious: the first letter must
 * match. Words of eight letters may have one error, words of ten two. Words of five may have two transposed letters.
 * MiniSearch's fuzzy search is no alternative: with any setting it misses transpositions or turns "bread" into "break".
 */
export function correctSpelling(word: string, vocabulary: Iterable<string>): string | null {
  if (word.length < 5 || /\d/.test(word)) return null;
  const allowed = word.length >= 10 ? 2 : 1;
  let best: { word: string; errors: number } | null = null;
  for (const candidate of vocabulary) {
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > allowed) continue;
    const errors = editDistance(word, candidate);
    const isTransposed = candidate.length === word.length && [...candidate].sort().join('') === [...word].sort().join('');
    if (errors > allowed || (word.length < 8 && !isTransposed)) continue;
    if (!best || errors < best.errors) best = { word: candidate, errors };
  }
  return best?.word ?? null;
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
