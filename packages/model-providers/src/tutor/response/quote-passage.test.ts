import { describe, expect, test } from 'vitest';
import { quotePassage } from './quote-passage.ts';

describe('a quoted passage', () => {
  test('is the whole section when it is short', () => {
    expect(quotePassage('One.\n\nTwo.\n', ['two'], 100)).toBe('One.\n\nTwo.');
  });

  test('starts at the paragraph with most of the stems and ends with a paragraph', () => {
    const markdown = `${'Filler here. '.repeat(9)}\n\nHere is the leak.\n\nAnd more.\n\n${'Filler again. '.repeat(9)}`;
    expect(quotePassage(markdown, ['leak'], 40)).toBe('…\n\nHere is the leak.\n\nAnd more.\n\n…');
  });

  test('ends with a sentence when a paragraph is too long', () => {
    expect(quotePassage('First one. Second one. Third one is long.', [], 25)).toBe('First one. Second one. …');
  });

  test('does not split code or a link', () => {
    const markdown = 'Call `a. B` or [see. This](/read/x.md) first. Then rest of it follows here.';
    expect(quotePassage(markdown, [], 50)).toBe('Call `a. B` or [see. This](/read/x.md) first. …');
  });

  test('keeps whole lines of a list and closes a code block', () => {
    expect(quotePassage('- one item\n- two items\n- three items', [], 24)).toBe('- one item\n- two items\n\n…');
    expect(quotePassage('```sh\nnpm start\nnpm test\nnpm run build\n```', [], 26)).toBe('```sh\nnpm start\nnpm test\n```\n\n…');
  });
});
