import type { ReadFile } from './lesson-files.ts';

/** `<!-- claim: results/x.json#verdict.ratio -->`, or with `* 100` or `/ 1000` for another unit. */
const CLAIM = /<!-- claim: ([^\s#]+\.json)#([\w./-]+)(?: ([*/]) (\d+(?:\.\d+)?))? -->/g;
/** The last figure before a claim, with what may follow it: a unit, a quote or a mark of emphasis. */
const FIGURE = /(-?\d[\d,]*(?:\.\d+)?)([^\d]{0,30})$/;
const WORD = /([\w-]+)([^\w-]*)$/;

/** Returns a line whose figures before claims are the recorded ones, with as many decimals as written. */
export function renderClaims(line: string, read: ReadFile, report: (problem: string) => void): string {
  let rendered = '';
  let end = 0;
  for (const match of line.matchAll(CLAIM)) {
    const [comment, file = '', path = '', operator, factor] = match;
    const before = line.slice(end, match.index);
    end = match.index + comment.length;
    const value = recordedValue(file, path, read, report);
    const scaled = typeof value === 'number' && operator ? scale(value, operator, Number(factor)) : value;
    rendered += (scaled === undefined ? before : renderFigure(before, scaled, comment, report)) + comment;
  }
  const rest = line.slice(end);
  if (rest.includes('<!-- claim')) report('a claim has the form <!-- claim: file.json#path -->');
  return rendered + rest;
}

const scale = (value: number, operator: string, factor: number) => (operator === '*' ? value * factor : value / factor);

function recordedValue(
  file: string,
  path: string,
  read: ReadFile,
  report: (problem: string) => void,
): number | string | undefined {
  const text = read(file);
  if (text === undefined) {
    report(`${file} does not exist`);
    return undefined;
  }
  const names = path.split(/[./]/).filter((name) => name !== '');
  let value: unknown = JSON.parse(text);
  for (const name of names)
    value = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  if (typeof value === 'number' || typeof value === 'string') return value;
  report(`${file} has no number or text at ${path}`);
  return undefined;
}

function renderFigure(before: string, value: number | string, comment: string, report: (problem: string) => void): string {
  const [written, figure = '', rest = ''] = (typeof value === 'number' ? FIGURE : WORD).exec(before) ?? [];
  if (written === undefined) {
    report(`no figure stands before ${comment}`);
    return before;
  }
  const decimals = figure.split('.')[1]?.length ?? 0;
  const digits = {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    useGrouping: figure.includes(',') || 'auto',
  };
  const correct = typeof value === 'number' ? value.toLocaleString('en', digits as Intl.NumberFormatOptions) : value;
  const isSame = typeof value === 'number' ? figure.replaceAll(',', '') === correct.replaceAll(',', '') : figure === value;
  return `${before.slice(0, -written.length)}${isSame ? figure : correct}${rest}`;
}
