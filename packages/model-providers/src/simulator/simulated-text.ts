const WORDS =
  'a request enters the gateway and waits for its turn while another answer streams back to its reader over one connection that both sides keep open so that no token has to pay for a new one'.split(
    ' ',
  );

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
