const WORDS =
  'a request enters the gateway and waits for its turn while another answer streams back to its reader over one connection that both sides keep open so that no token has to pay for a new one'.split(
    ' ',
  );

const COUNTS = Map.groupBy(WORDS, (word) => word);
/** The words with the logarithms of their probabilities, the most probable first. */
const LOGPROBS = [...COUNTS]
  .map(([word, { length }]) => [word, Math.log(length / WORDS.length)] as const)
  .sort(([, a], [, b]) => b - a);
const LEAST_LOGPROB = LOGPROBS.at(-1)?.[1] ?? 0;

/**
 * Returns the logarithm of the probability of a word with its capital and its full stop, and the most probable words in
 * its place.
 */
export function wordLogprobs(token: string, alternatives: number): { logprob: number; top: [string, number][] } {
  const word = token.replace(/[. ]+$/, '');
  const end = token.slice(word.length);
  const known = word.toLowerCase();
  const logprob = LOGPROBS.find(([each]) => each === known)?.[1] ?? LEAST_LOGPROB;
  const isCapital = word !== known;
  const like = (each: string) => `${isCapital ? each.charAt(0).toUpperCase() + each.slice(1) : each}${end}`;
  return { logprob, top: LOGPROBS.slice(0, alternatives).map(([each, value]) => [like(each), value]) };
}

/** Returns a function that returns one word after another, in sentences of about eleven words. A seed repeats its text. */
export function createSimulatedText(seed: number): () => string {
  const random = createRandom(seed);
  let position = 0;
  let length = 0;
  return () => {
    if (length === 0) length = 6 + Math.floor(random() * 10);
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? 'the';
    const isFirst = position === 0;
    const isLast = position === length - 1;
    position = isLast ? 0 : position + 1;
    if (isLast) length = 0;
    return `${isFirst ? word.charAt(0).toUpperCase() + word.slice(1) : word}${isLast ? '. ' : ' '}`;
  };
}

/** Mulberry32, a small seeded generator. Returns values in [0, 1). */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
