import { expect, it } from 'vitest';
import { svgDocument, svgLine, svgText } from './svg.ts';

it('writes a document of the given size with its title as accessible name and heading', () => {
  const lines = svgDocument({ width: 760, height: 120, title: 'a & b' }, ['<g/>']).split('\n');
  expect(lines[0]).toBe('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 120" width="760" height="120" role="img">');
  expect(lines[1]).toBe('<title>a &amp; b</title>');
  expect(lines.slice(-5)).toEqual([
    '<rect class="background" width="760" height="120"/>',
    '<text x="16" y="28" text-anchor="start" class="title">a &amp; b</text>',
    ...['<g/>', '</svg>', ''],
  ]);
});

it('writes text at a tenth of a pixel, by default from its start and without a class', () => {
  expect(svgText({ x: 1.26, y: 2.04 }, '<b>')).toBe('<text x="1.3" y="2" text-anchor="start">&lt;b&gt;</text>');
  expect(svgText({ x: 1, y: 2, anchor: 'end', className: 'quiet' }, 'a')).toBe(
    '<text x="1" y="2" text-anchor="end" class="quiet">a</text>',
  );
});

it('writes a line between two points', () => {
  expect(svgLine([1.26, 2], [3, 4.04], 'grid')).toBe('<line class="grid" x1="1.3" y1="2" x2="3" y2="4"/>');
});
