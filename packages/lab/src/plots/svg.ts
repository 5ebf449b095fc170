/** Colors of successive lines and bars, readable on light and dark backgrounds. */
export const COLORS = ['#2a78d6', '#d9730d', '#2e9e6b', '#a855c7', '#c2412d', '#7a7f87'] as const;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .quiet { fill: #59636e; font-size: 12px; }
  .grid { stroke: #d1d9e0; }
  .background { fill: #ffffff; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .grid { stroke: #3d444d; }
    .background { fill: #0d1117; }
    .spread { stroke: #e6edf3; }
  }`;

/** Returns an SVG document that follows the color scheme of the reader. `title` is also its accessible name. */
export function svgDocument(
  { width, height, title }: { width: number; height: number; title: string },
  parts: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="background" width="${width}" height="${height}"/>`,
    svgText({ x: 16, y: 28, className: 'title' }, title),
    ...parts,
    '</svg>\n',
  ].join('\n');
}

export interface TextPlace {
  readonly x: number;
  readonly y: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly className?: string;
}

export function svgText({ x, y, anchor = 'start', className }: TextPlace, text: string): string {
  const style = className ? ` class="${className}"` : '';
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${style}>${escapeXml(text)}</text>`;
}

export function svgLine(from: readonly [number, number], to: readonly [number, number], className: string): string {
  return `<line class="${className}" x1="${round(from[0])}" y1="${round(from[1])}" x2="${round(to[0])}" y2="${round(to[1])}"/>`;
}

/** Rounds to a tenth of a pixel, which keeps files and their diffs small. */
export const round = (value: number) => Math.round(value * 10) / 10;

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
