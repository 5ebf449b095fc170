/** Receives the hash of a feature, its weight and its number of occurrences. May receive the same feature again. */
type FeatureVisitor = (hash: number, weight: number, times: number) => void;

const SEEDS = { word: 1, pair: 2, group: 3 };
/** Short words are mostly grammar, which all texts share, so they weigh less. */
const wordWeight = (word: string) => Math.min(1, word.length / 6);
const PAIR_WEIGHT = 0.5;
/** The weight of all letter groups of a word, relative to 1 for the word itself. */
const GROUPS_WEIGHT = 1.4;
const GROUP_LENGTHS = [3, 4];

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Accents of European letters, which people often omit. The marks of other scripts are letters themselves. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * Visits the features of a text: words, pairs of adjacent words and groups of letters. The groups relate the forms of a
 * word, and texts in scripts without spaces. For a text without words, visits the groups of its characters.
 */
export function visitFeatures(text: string, visit: FeatureVisitor): void {
  const plain = text.normalize('NFKD').replace(ACCENTS, '').normalize('NFKC').toLowerCase();
  const words = plain.match(WORD) ?? [];
  if (words.length === 0) visitLetterGroups(plain, 1, 1, visit);

  for (const [word, times] of countWords(words)) {
    const weight = wordWeight(word);
    visit(hashText(word, SEEDS.word), weight, times);
    visitLetterGroups(word, GROUPS_WEIGHT * weight, times, visit);
  }
  for (let at = 1; at < words.length; at++) {
    const [left = '', right = ''] = [words[at - 1], words[at]];
    const weight = PAIR_WEIGHT * Math.min(wordWeight(left), wordWeight(right));
    visit(hashText(`${left} ${right}`, SEEDS.pair), weight, 1);
  }
}

/** Visits the letter groups of a word. Marks its ends, so that a prefix differs from the same letters in the middle. */
function visitLetterGroups(word: string, weight: number, times: number, visit: FeatureVisitor): void {
  const ended = `<${word}>`;
  const counts = GROUP_LENGTHS.map((length) => Math.max(0, ended.length - length + 1));
  const share = weight / Math.sqrt(counts.reduce((sum, count) => sum + count, 0));
  for (const [which, length] of GROUP_LENGTHS.entries()) {
    const count = counts[which] ?? 0;
    for (let start = 0; start < count; start++) visit(hashText(ended, SEEDS.group, start, start + length), share, times);
  }
}

function countWords(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/**
 * Returns an unsigned 32-bit FNV-1a hash of the UTF-16 units of `text` from `start` to `end`. A final mix improves the low
 * bits. `seed` separates the hashes of different kinds of features.
 */
export function hashText(text: string, seed = 0, start = 0, end = text.length): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
