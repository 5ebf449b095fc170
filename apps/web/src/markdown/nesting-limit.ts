import { Tokenizer } from 'marked';
import { recognizeFormulas } from './formula-tokens.ts';
import { keepLiteralText } from './literal-text.ts';

/**
 * Maximum depth of nested quotes and lists, and of nested emphasis and links within a block. Deeper markup stays text.
 * `marked` and React recurse once for each level, so that a few thousand of them would exceed the call stack.
 */
export const NESTING_MAX = 32;

const NESTING_METHODS = ['blockquote', 'list', 'emStrong', 'del', 'link', 'reflink'] as const;
type NestingMethod = (...args: unknown[]) => unknown;

/** Creates a tokenizer that keeps literal text, recognizes formulas, and whose tokens nest at most `NESTING_MAX` levels deep. */
export function createLimitedTokenizer(): Tokenizer {
  const tokenizer = new Tokenizer();
  keepLiteralText(tokenizer);
  recognizeFormulas(tokenizer);
  const methods = tokenizer as unknown as Record<(typeof NESTING_METHODS)[number], NestingMethod>;
  let depth = 0;
  for (const name of NESTING_METHODS) {
    const tokenize = methods[name];
    methods[name] = (...args) => {
      if (depth === NESTING_MAX) return undefined;
      depth += 1;
      try {
        return tokenize.apply(tokenizer, args);
      } finally {
        depth -= 1;
      }
    };
  }
  return tokenizer;
}
