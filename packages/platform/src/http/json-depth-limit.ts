/** Far more than anybody means, and about half of what `JSON.stringify` bears, which calls itself for each level. */
export const JSON_DEPTH_MAX = 2_000;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Whether arrays and objects of a JSON text are inside of each other more than `LEVELS_MAX` times. */
export function exceedsJsonDepth(json: Buffer): boolean {
  // Each level takes two bytes, so what is short need not be looked at.
  if (json.length < 2 * JSON_DEPTH_MAX) return false;
  let levels = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = endOfText(json, at);
      if (at < 0) return false;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      levels += 1;
      if (levels > JSON_DEPTH_MAX) return true;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) levels -= 1;
  }
  return false;
}

/** The index of the quote that closes the one at `from`, or -1. */
function endOfText(json: Buffer, from: number): number {
  for (let end = json.indexOf(QUOTE, from + 1); end >= 0; end = json.indexOf(QUOTE, end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}
