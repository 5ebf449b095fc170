import { hashText } from './hash-text.ts';

/** Tells a feature of a text by its hash: what it weighs, and how often it occurs here. The same one may be told again. */
export type TellFeature = (hash: number, weight: number, times: number) => void;

const SEEDS = { word: 1, pair: 2, group: 3 };
/** What a word weighs. Short ones are mostly grammar, and grammar is alike in all texts. */
const wordWeight = (word: string) => Math.min(1, word.length / 6);
const PAIR_WEIGHT = 0.5;
/** What the letter groups of a word weigh together, against the 1 of the word itself. */
const GROUPS_WEIGHT = 1.4;
const GROUP_LENGTHS = [3, 4];

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Accents of European letters, which people leave out; the marks of other scripts are letters of their own. */
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * Tells the features of a text: words, pairs of neighbours and groups of letters, which relate the forms of
 * a word and scripts without spaces. A text without any word has the groups of its signs.
 */
export function eachFeature(text: string, tell: TellFeature): void {
  const plain = text.normalize('NFKD').replace(ACCENTS, '').normalize('NFKC').toLowerCase();
  const words = plain.match(WORD) ?? [];
  if (words.length === 0) eachGroup(plain, 1, 1, tell);

  for (const [word, times] of countEach(words)) {
    const weight = wordWeight(word);
    tell(hashText(word, SEEDS.word), weight, times);
    eachGroup(word, GROUPS_WEIGHT * weight, times, tell);
  }
  for (let at = 1; at < words.length; at++) {
    const [left = '', right = ''] = [words[at - 1], words[at]];
    const weight = PAIR_WEIGHT * Math.min(wordWeight(left), wordWeight(right));
    tell(hashText(`${left} ${right}`, SEEDS.pair), weight, 1);
  }
}

/** Groups know the ends of their word, so that a beginning is not taken for a middle. */
function eachGroup(word: string, weight: number, times: number, tell: TellFeature): void {
  const ended = `<${word}>`;
  const counts = GROUP_LENGTHS.map((length) => Math.max(0, ended.length - length + 1));
  const share = weight / Math.sqrt(counts.reduce((sum, count) => sum + count, 0));
  for (const [which, length] of GROUP_LENGTHS.entries()) {
    const count = counts[which] ?? 0;
    for (let start = 0; start < count; start++) tell(hashText(ended, SEEDS.group, start, start + length), share, times);
  }
}

function countEach(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
