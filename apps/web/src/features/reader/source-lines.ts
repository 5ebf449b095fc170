export interface LineRange {
  /** 1 for the first line of a file. */
  first: number;
  last: number;
}

/** Returns the lines that a fragment such as `L10` or `L10-L20` names; undefined if the file does not have them. */
export function lineRangeOf(hash: string, lines: number): LineRange | undefined {
  const [, from, to] = /^L(\d{1,7})(?:-L(\d{1,7}))?$/.exec(hash) ?? [];
  if (from === undefined) return undefined;
  const ends = [Number(from), Number(to ?? from)];
  const first = Math.min(...ends);
  const last = Math.min(Math.max(...ends), lines);
  return first >= 1 && first <= last ? { first, last } : undefined;
}

/** The highlighter's names of languages, where they differ from the file's extension. */
const LANGUAGES: Record<string, string> = {
  cjs: 'javascript',
  conf: 'nginx',
  html: 'xml',
  js: 'javascript',
  jsonl: 'json',
  md: 'markdown',
  mjs: 'javascript',
  mts: 'typescript',
  proto: 'protobuf',
  py: 'python',
  sh: 'bash',
  svg: 'xml',
  toml: 'ini',
  ts: 'typescript',
  tsx: 'typescript',
  yml: 'yaml',
};

/** Returns the language for highlighting a file. The highlighter may not support it. */
export function languageOfFile(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension = name.slice(name.lastIndexOf('.') + 1);
  return LANGUAGES[extension] ?? extension;
}
