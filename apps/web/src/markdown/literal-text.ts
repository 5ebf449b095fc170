import type { Token, Tokenizer, Tokens } from 'marked';

/** A reference to a footnote, or the label in front of its text. */
export interface FootnoteToken {
  type: 'footnote';
  raw: string;
  text: string;
  label: string;
}

/** Longer formulas are text, so that unclosed delimiters do not make the lexer slow. */
const FORMULA = /^(?:\\\([\s\S]{1,2000}?\\\)|\\\[[\s\S]{1,2000}?\\\]|\$\$[\s\S]{1,2000}?\$\$)/;
/** Backslashes that start or end a formula, and the line break of TeX. */
const TEX_ESCAPE = /^\\[()[\]\\]/;
/** A line that starts a formula of several lines. */
const FORMULA_LINE = /^ {0,3}(\\\[|\$\$)(.*)$/;
const FOOTNOTE = /^\[\^([^\]\s[]{1,64})\]/;

/**
 * Keeps what authors of chat messages do not mean as markup: single tildes (`20~25`), formulas (`\( \)`, `\[ \]`, `$$ $$`) with
 * everything in them, and double backslashes. Footnotes become their own tokens instead of links.
 */
export function keepLiteralText(tokenizer: Tokenizer): void {
  const { del, escape: escapeCharacter, inlineText, paragraph, def, reflink } = tokenizer;

  tokenizer.del = (source, ...rest) => (source.startsWith('~~') ? del.call(tokenizer, source, ...rest) : undefined);

  tokenizer.escape = (source) => {
    const raw = source.startsWith('\\') ? (FORMULA.exec(source) ?? TEX_ESCAPE.exec(source))?.[0] : undefined;
    return raw === undefined ? escapeCharacter.call(tokenizer, source) : { type: 'escape', raw, text: raw };
  };

  tokenizer.inlineText = (source) => {
    const formula = source.startsWith('$$') ? FORMULA.exec(source)?.[0] : undefined;
    if (formula !== undefined) return textToken(formula);
    const token = inlineText.call(tokenizer, source);
    const end = token?.raw.indexOf('$$', 1) ?? -1;
    return token && end > 0 ? textToken(token.raw.slice(0, end)) : token;
  };

  tokenizer.paragraph = (source) => {
    const token = paragraph.call(tokenizer, source);
    if (!token) return undefined;
    const raw = source.slice(0, formulaEnd(source, token.raw));
    if (raw.length === token.raw.length) return token;
    const text = raw.replace(/\n$/, '');
    return { type: 'paragraph', raw, text, tokens: tokenizer.lexer.inline(text) };
  };

  tokenizer.def = (source) => (/^ {0,3}\[\^/.test(source) ? undefined : def.call(tokenizer, source));

  tokenizer.reflink = (source, links) => {
    const [raw, label] = (source.startsWith('[^') && FOOTNOTE.exec(source)) || [];
    if (raw === undefined || label === undefined) return reflink.call(tokenizer, source, links);
    return { type: 'footnote', raw, text: raw, label } satisfies FootnoteToken as unknown as Tokens.Text;
  };
}

function textToken(raw: string): Tokens.Text {
  return { type: 'text', raw, text: raw, escaped: false };
}

/**
 * The length of a paragraph that includes its last formula: a line such as `- b` or `= c` in a formula would otherwise start
 * another block. A formula ends with its delimiter or, like in TeX, at a blank line.
 */
function formulaEnd(source: string, paragraph: string): number {
  const lines = paragraph.split('\n');
  let close: string | undefined;
  for (const line of lines) close = openFormula(line, close);
  if (close === undefined) return paragraph.length;
  let end = paragraph.length;
  while (end < source.length) {
    const start = source.charAt(end) === '\n' && source.charAt(end - 1) !== '\n' ? end + 1 : end;
    const lineEnd = source.indexOf('\n', start);
    const next = lineEnd === -1 ? source.length : lineEnd + 1;
    const line = source.slice(start, next).trimEnd();
    if (line === '') break;
    end = next;
    if (line.includes(close)) break;
  }
  return end;
}

/** The delimiter that the formula needs after this line; undefined outside formulas. */
function openFormula(line: string, close: string | undefined): string | undefined {
  if (close !== undefined) return line.includes(close) ? undefined : close;
  const [, open, rest = ''] = FORMULA_LINE.exec(line) ?? [];
  if (open === undefined) return undefined;
  const needed = open === '$$' ? '$$' : '\\]';
  return rest.includes(needed) ? undefined : needed;
}

const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|$)/i;

export interface Alert {
  kind: 'note' | 'tip' | 'important' | 'warning' | 'caution';
  /** The blocks of the quote without the marker. */
  tokens: readonly Token[];
}

/** Reads a quote that starts with a marker such as `[!NOTE]`; undefined for ordinary quotes. */
export function alertOf({ text, tokens }: Tokens.Blockquote): Alert | undefined {
  const kind = ALERT.exec(text)?.[1]?.toLowerCase() as Alert['kind'] | undefined;
  const [first, ...others] = tokens;
  if (!kind || first?.type !== 'paragraph') return undefined;
  const [marker, ...inline] = first.tokens ?? [];
  const rest = marker?.type === 'text' ? marker.raw.replace(ALERT, '') : '';
  const kept =
    rest === '' ? inline.slice(inline[0]?.type === 'br' ? 1 : 0) : [{ ...marker, raw: rest, text: rest } as Token, ...inline];
  return { kind, tokens: kept.length === 0 ? others : [{ ...first, tokens: kept } as Token, ...others] };
}
