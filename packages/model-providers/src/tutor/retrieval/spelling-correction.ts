/**
 * The word of the vocabulary that was probably meant, or null. Modest on purpose: same first letter, one
 * slip in a word of eight letters or more (two letters exchanged: five), two slips from ten letters on.
 */
export function correctSpelling(word: string, vocabulary: Iterable<string>): string | null {
  if (word.length < 5 || /\d/.test(word)) return null;
  const allowed = word.length >= 10 ? 2 : 1;
  let best: { word: string; slips: number } | null = null;
  for (const candidate of vocabulary) {
    if (candidate[0] !== word[0] || Math.abs(candidate.length - word.length) > allowed) continue;
    const slips = slipsBetween(word, candidate);
    const exchanged = candidate.length === word.length && [...candidate].sort().join('') === [...word].sort().join('');
    if (slips > allowed || (word.length < 8 && !exchanged)) continue;
    if (!best || slips < best.slips) best = { word: candidate, slips };
  }
  return best?.word ?? null;
}

/** Letters inserted, left out, replaced or exchanged with their neighbour (optimal string alignment). */
function slipsBetween(left: string, right: string): number {
  let twoBefore: number[] = [];
  let before = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const replaced = at(before, column - 1) + (same ? 0 : 1);
      let slips = Math.min(replaced, at(before, column) + 1, at(current, column - 1) + 1);
      const exchanged = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (exchanged) slips = Math.min(slips, at(twoBefore, column - 2) + 1);
      current.push(slips);
    }
    twoBefore = before;
    before = current;
  }
  return at(before, right.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
