import type { CSSProperties } from 'react';

/** A wide diagram shrinks to the column, but only as far as its text stays readable. Then it scrolls. */
export function fitWidth(width: number): CSSProperties {
  return { width, minWidth: width * 0.75, maxWidth: '100%', height: 'auto', margin: '0 auto' };
}
