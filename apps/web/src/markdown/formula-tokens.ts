import type { Token, Tokenizer, Tokens } from 'marked';
import { FORMULA_CHARACTERS_MAX, type Formula, formulaAt, formulaEnd, isWordBefore, openFormula } from './formula-syntax.ts';

/** A formula in TeX. */
export interface FormulaToken extends Formula {
  type: 'formula';
  /** The source with its delimiters. */
  text: string;
}

/** Recognizes formulas (`\( \)`, `\[ \]`, `$$ $$` and, where it cannot be money, `$ $`) before all other markup. */
export function recognizeFormulas(tokenizer: Tokenizer): void {
  const { escape: escapeCharacter, inlineText, paragraph, lheading, text } = tokenizer;

  // The lexer asks for an escaped character first, and merges only other text.
  tokenizer.escape = (source) => {
    const formula = /^[\\$]/.test(source) ? formulaToken(source) : undefined;
    return (formula as unknown as Tokens.Escape) ?? escapeCharacter.call(tokenizer, source);
  };

  tokenizer.inlineText = (source) => {
    const token = inlineText.call(tokenizer, source);
    const end = token ? nextDollarFormula(source, token.raw.length) : -1;
    return token && end > 0 ? textToken(source.slice(0, end)) : token;
  };

  tokenizer.paragraph = (source) => {
    const token = paragraph.call(tokenizer, source);
    if (!token) return undefined;
    const raw = source.slice(0, formulaEnd(source, token.raw));
    if (raw.length === token.raw.length) return token;
    const withFormula = raw.replace(/\n$/, '');
    return { type: 'paragraph', raw, text: withFormula, tokens: tokenizer.lexer.inline(withFormula) };
  };

  // Inside a list item, text is read line by line. The lexer expects that each token queues one text for it.
  tokenizer.text = (source) => {
    const line = /^[^\n]*/.exec(source)?.[0] ?? '';
    const raw = source.slice(0, formulaEnd(source, line)).replace(/\n$/, '');
    if (raw.length <= line.length) return text.call(tokenizer, source);
    return { type: 'text', raw, text: raw, tokens: tokenizer.lexer.inline(raw) };
  };

  tokenizer.lheading = (source) => {
    const token = lheading.call(tokenizer, source);
    return token && !openFormula(token.text) ? token : undefined;
  };
}

/** The index of the first block with a formula of several paragraphs that later text may complete; else the number of blocks. */
export function openFormulaIndex(tokens: readonly Token[]): number {
  let following = 0;
  let found = tokens.length;
  for (let index = tokens.length - 1; index >= 0 && following < FORMULA_CHARACTERS_MAX; index -= 1) {
    const { type, raw } = tokens[index] as Token;
    const open = type === 'paragraph' ? openFormula(raw) : undefined;
    if (open?.isBlock && following + raw.length - open.start < FORMULA_CHARACTERS_MAX) found = index;
    following += raw.length;
  }
  return found;
}

function formulaToken(source: string): FormulaToken | undefined {
  const formula = formulaAt(source);
  return formula && { type: 'formula', text: formula.raw, ...formula };
}

/** The offset of the next formula in dollars within the first characters; -1 if there is none. */
function nextDollarFormula(source: string, end: number): number {
  for (let index = source.indexOf('$', 1); index !== -1 && index < end; index = source.indexOf('$', index + 1)) {
    if (!isWordBefore(source, index) && formulaAt(source.slice(index, index + FORMULA_CHARACTERS_MAX + 4))) return index;
  }
  return -1;
}

function textToken(raw: string): Tokens.Text {
  return { type: 'text', raw, text: raw, escaped: false };
}
