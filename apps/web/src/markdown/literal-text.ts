import type { Token, Tokenizer, Tokens } from 'marked';

/** A reference to a footnote, or the label in front of its text. */
export interface FootnoteToken {
  type: 'footnote';
  raw: string;
  text: string;
  label: string;
}

/** Backslashes that start or end a formula, and the line break of TeX. */
const TEX_ESCAPE = /^\\[()[\]\\]/;
const FOOTNOTE = /^\[\^([^\]\s[]{1,64})\]/;

/**
 * Keeps what authors of chat messages do not mean as markup: single tildes (`20~25`) and the backslashes of TeX. Footnotes
 * become their own tokens instead of links.
 */
export function keepLiteralText(tokenizer: Tokenizer): void {
  const { del, escape: escapeCharacter, def, reflink } = tokenizer;

  tokenizer.del = (source, ...rest) => (source.startsWith('~~') ? del.call(tokenizer, source, ...rest) : undefined);

  tokenizer.escape = (source) => {
    const raw = TEX_ESCAPE.exec(source)?.[0];
    return raw === undefined ? escapeCharacter.call(tokenizer, source) : { type: 'escape', raw, text: raw };
  };

  tokenizer.def = (source) => (/^ {0,3}\[\^/.test(source) ? undefined : def.call(tokenizer, source));

  tokenizer.reflink = (source, links) => {
    const [raw, label] = (source.startsWith('[^') && FOOTNOTE.exec(source)) || [];
    if (raw === undefined || label === undefined) return reflink.call(tokenizer, source, links);
    return { type: 'footnote', raw, text: raw, label } satisfies FootnoteToken as unknown as Tokens.Text;
  };
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
