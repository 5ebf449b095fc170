/**
 * Returns whether the first bytes of a text are UTF-16, with a byte order mark or as ASCII characters without one. Windows
 * PowerShell and "Unicode" in Windows editors write UTF-16.
 */
export function isUtf16([one, two, three, four]: Uint8Array): boolean {
  if ((one === 0xff && two === 0xfe) || (one === 0xfe && two === 0xff)) return true;
  if (four === undefined) return false;
  return (one === 0 && three === 0 && two !== 0 && four !== 0) || (two === 0 && four === 0 && one !== 0 && three !== 0);
}
