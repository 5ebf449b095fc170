/**
 * Returns the word of the vocabulary that was probably meant, or null. Deliberately cautious: the first letter must
 * match. Words of eight letters may have one error, words of ten two; two exchanged letters are accepted from five on.
 * MiniSearch's fuzzy search does not replace it: with any setting it misses exchanged letters or turns "bread" into "break".
 */
export function correctSpelling(word: string, vocabulary: Iterable<string>): string | null {
  if (word.length < 5 || /\d/.test(word)) return null;
  const allowed = word.length >= 10 ? 2 : 1;
  let best: { word: string; errors: number } | null = null;
  for (const candidate of vocabulary) {
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > allowed) continue;
    const errors = editDistance(word, candidate);
    const exchanged = candidate.length === word.length && [...candidate].sort().join('') === [...word].sort().join('');
    if (errors > allowed || (word.length < 8 && !exchanged)) continue;
    if (!best || errors < best.errors) best = { word: candidate, errors };
  }
  return best?.word ?? null;
}

/** Counts inserted, omitted, replaced and exchanged letters (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let rowBeforeLast: number[] = [];
  let lastRow = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const replaced = at(lastRow, column - 1) + (same ? 0 : 1);
      let errors = Math.min(replaced, at(lastRow, column) + 1, at(current, column - 1) + 1);
      const exchanged = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (exchanged) errors = Math.min(errors, at(rowBeforeLast, column - 2) + 1);
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
