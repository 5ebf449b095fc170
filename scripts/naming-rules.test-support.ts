export interface NamingRules {
  /** Patterns that identifiers, file names and test titles must not match. */
  readonly terms: readonly RegExp[];
  /** Phrases that prose must not contain. */
  readonly phrases: readonly string[];
}

/** Parses the two tables of the naming page: `Instead of | Say | Identifiers not allowed`, and `Phrase | …`. */
export function parseNamingRules(markdown: string): NamingRules {
  return {
    terms: rowsOf(markdown, 'Instead of').flatMap(([, , third = '']) =>
      [...third.matchAll(/`([^`]+)`/g)].map(([, source = '']) => new RegExp(source.replaceAll('\\|', '|'))),
    ),
    phrases: rowsOf(markdown, 'Phrase').map(([phrase = '']) => phrase),
  };
}

/** Returns the cells of each row of the table that begins with this heading. */
function rowsOf(markdown: string, heading: string): string[][] {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => cellsOf(line)[0] === heading);
  if (start === -1) throw new Error(`The naming page has no table that begins with "${heading}".`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end === -1 ? undefined : end).map(cellsOf);
}

/** Splits a row at each bar without a preceding backslash. */
const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

export interface TermHit {
  readonly line: number;
  readonly found: string;
  readonly term: RegExp;
}

const COMMENT_STRING_OR_IDENTIFIER = /\/\/.*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|[A-Za-z_$][\w$]*/g;
const TITLE = /\b(?:it|test|describe)(?:\.\w+(?:\([^()]*\))?)*\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;
/** The last argument list of `it.each([…])(` precedes the title. */
const TITLE_OF_EACH = /\]\s*(?:as const\s*)?\)\(\s*(['"`])((?:\\.|(?!\1)[^\\])*)\1/g;

/** Finds identifiers and test titles that match a term. */
export function findTerms(text: string, terms: readonly RegExp[]): TermHit[] {
  const termsOf = memoize((name: string) => terms.filter((term) => term.test(name)));
  const identifiers = [...text.matchAll(COMMENT_STRING_OR_IDENTIFIER)].filter(([token]) => /^[A-Za-z_$]/.test(token));
  const titles = [TITLE, TITLE_OF_EACH].flatMap((pattern) => [...text.matchAll(pattern)]);
  // Both patterns may match a title. Its end position identifies the duplicate.
  const names = new Map([
    ...identifiers.map(({ 0: found, index }) => [index + found.length, found] as const),
    ...titles.map(({ 0: call, 2: found = '', index }) => [index + call.length, found] as const),
  ]);
  return [...names].flatMap(([end, found]) => termsOf(found).map((term) => ({ line: lineAt(text, end), found, term })));
}

function memoize<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const value = known.get(key) ?? compute(key);
    known.set(key, value);
    return value;
  };
}

/** Finds phrases, even if a comment breaks them across lines. */
export function findPhrases(text: string, phrases: readonly string[]): { line: number; found: string }[] {
  return phrases.flatMap((phrase) => {
    const pattern = new RegExp(`\\b${phrase.split(/\s+/).join('[\\s*/>]+')}\\b`, 'gi');
    return [...text.matchAll(pattern)].map(({ index }) => ({ line: lineAt(text, index), found: phrase }));
  });
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length;
