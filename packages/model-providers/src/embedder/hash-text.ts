/**
 * FNV-1a over the UTF-16 units of `text` from `start` to `end`, its bits mixed once more because the low
 * ones alone are poor. 32 bits, unsigned. `seed` keeps the hashes of different kinds of things apart.
 */
export function hashText(text: string, seed = 0, start = 0, end = text.length): number {
  let hash = Math.imul(0x811c9dc5 ^ seed, 0x01000193);
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
