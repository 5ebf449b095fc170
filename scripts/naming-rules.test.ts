import { expect, it } from 'vitest';
import { findPhrases, findTerms, parseNamingRules } from './naming-rules.test-support.ts';

const PAGE = `# Naming

| Instead of | Say | Identifiers not allowed |
|---|---|---|
| lane | transport | \`[a-z]Lane\\b\`, \`-lane\\b\` |
| one, or two | three | \`\\bone\\|two\\b\` |

| Phrase | Write instead |
|---|---|
| in place of | instead of |
`;
const rules = parseNamingRules(PAGE);
const termsIn = (text: string) => findTerms(text, rules.terms).map(({ line, found }) => `${line} ${found}`);

it('reads regular expressions from the third column and phrases from the second table', () => {
  expect(rules).toEqual({ terms: [/[a-z]Lane\b/, /-lane\b/, /\bone|two\b/], phrases: ['in place of'] });
  expect(() => parseNamingRules('# Nothing')).toThrow('no table that begins with "Instead of"');
});

it('finds terms in identifiers but not in comments and strings', () => {
  expect(termsIn("const fastLane = 1;\n// fastLane\nconst b = 'fastLane'; /* fastLane */\nfastLane();")).toEqual([
    '1 fastLane',
    '4 fastLane',
  ]);
});

it('finds terms in test titles', () => {
  expect(termsIn("it('uses the fast-lane', () => {});\ndescribe.each([1])('a slow-lane', () => {});")).toEqual([
    '1 uses the fast-lane',
    '2 a slow-lane',
  ]);
  expect(termsIn("it.each([\n  1,\n])('each fast-lane', () => {});")).toEqual(['3 each fast-lane']);
});

it('finds phrases across the lines of a comment, regardless of case', () => {
  expect(findPhrases('/**\n * A word in\n * place of another. In place of it.\n */', rules.phrases)).toEqual([
    { line: 2, found: 'in place of' },
    { line: 3, found: 'in place of' },
  ]);
  expect(findPhrases('within place office', rules.phrases)).toEqual([]);
});
