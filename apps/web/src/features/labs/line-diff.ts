export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  text: string;
  /** Line numbers from 1; null on the side that lacks the line. */
  before: number | null;
  after: number | null;
}

/** Differing parts of longer files are shown as removed and added in whole. */
const TABLE_CELLS_MAX = 4_000_000;

/** Compares two texts line by line by their longest common subsequence. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, own] = [before, after].map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))) as [
    string[],
    string[],
  ];
  let start = 0;
  while (start < Math.min(old.length, own.length) && old[start] === own[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, own.length) - start && old.at(-1 - end) === own.at(-1 - end)) end += 1;

  const [oldEnd, ownEnd] = [old.length - end, own.length - end];
  const lengths = createLengths(old.slice(start, oldEnd), own.slice(start, ownEnd));
  const lines: DiffLine[] = [];
  let [i, j] = [0, 0];
  const add = (kind: DiffLine['kind']) => {
    const text = (kind === 'added' ? own[j] : old[i]) ?? '';
    lines.push({ kind, text, before: kind === 'added' ? null : i + 1, after: kind === 'removed' ? null : j + 1 });
    if (kind !== 'added') i += 1;
    if (kind !== 'removed') j += 1;
  };
  while (i < old.length || j < own.length) {
    const isInside = i < oldEnd && j < ownEnd;
    if (i < start || (i >= oldEnd && j >= ownEnd) || (isInside && lengths && old[i] === own[j])) add('same');
    else if (
      i < oldEnd &&
      (!isInside || !lengths || length(lengths, i + 1 - start, j - start) >= length(lengths, i - start, j + 1 - start))
    )
      add('removed');
    else add('added');
  }
  return lines;
}

const length = (lengths: readonly Uint16Array[], i: number, j: number) => lengths[i]?.[j] ?? 0;

/** The lengths of the longest common subsequences of all suffixes; undefined if the table would be too large. */
function createLengths(old: readonly string[], own: readonly string[]): Uint16Array[] | undefined {
  if (old.length * own.length > TABLE_CELLS_MAX) return undefined;
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(own.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const row = lengths[i];
    for (let j = own.length - 1; row && j >= 0; j -= 1)
      row[j] = old[i] === own[j] ? length(lengths, i + 1, j + 1) + 1 : Math.max(length(lengths, i + 1, j), row[j + 1] ?? 0);
  }
  return lengths;
}

const CONTEXT_LINES = 3;

/** Groups changed lines with their context; an empty list if nothing differs. */
export function toHunks(lines: readonly DiffLine[]): DiffLine[][] {
  const hunks: DiffLine[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  lines.forEach((line, index) => {
    if (line.kind === 'same') return;
    const from = Math.max(index - CONTEXT_LINES, last + 1, 0);
    if (from > last + 1 || hunks.length === 0) hunks.push([]);
    hunks.at(-1)?.push(...lines.slice(from, index + 1));
    // The context below is added now, and shortened when the next change is close.
    last = index;
    const below = lines.slice(index + 1, index + 1 + CONTEXT_LINES);
    const untilChange = below.findIndex(({ kind }) => kind !== 'same');
    const context = untilChange === -1 ? below : below.slice(0, untilChange);
    hunks.at(-1)?.push(...context);
    last = index + context.length;
  });
  return hunks;
}
