import type { Token, Tokens } from 'marked';

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/**
 * The words that a reader sees of these tokens, without markup: link texts without their addresses, code
 * as written, no pictures and no HTML. Inline pieces join directly, blocks by a line break.
 */
export function plainText(tokens: readonly Token[]): string {
  return tokens.map(textOfToken).join('').trim();
}

function textOfToken(token: Token): string {
  switch (token.type) {
    case 'space':
    case 'hr':
    case 'def':
    case 'html':
    case 'image':
      return '';
    case 'br':
      return '\n';
    case 'codespan':
      return token.text;
    case 'code':
      return `${token.text}\n`;
    case 'list':
      return (token as Tokens.List).items.map((item) => `${plainText(item.tokens)}\n`).join('');
    case 'table':
      return textOfTable(token as Tokens.Table);
    case 'paragraph':
    case 'heading':
    case 'blockquote':
      return `${plainText(token.tokens ?? [])}\n`;
    default:
      if ('tokens' in token && token.tokens) return token.tokens.map(textOfToken).join('');
      return 'text' in token ? decodeEntities(token.text) : '';
  }
}

function textOfTable(table: Tokens.Table): string {
  return [table.header, ...table.rows].map((row) => `${row.map((cell) => plainText(cell.tokens)).join(' ')}\n`).join('');
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|([a-z]+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name) return ENTITIES.get(name.toLowerCase()) ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
