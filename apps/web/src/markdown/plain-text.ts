import type { Token } from 'marked';
import { decodeEntities } from './decode-entities.ts';

/** The words of inline tokens as a reader sees them, without marks; what headings' anchors are made of. */
export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'html' || token.type === 'image') return '';
      if (token.type === 'br') return ' ';
      if (token.type === 'codespan') return token.text;
      if ('tokens' in token && token.tokens) return plainText(token.tokens);
      return decodeEntities('text' in token ? token.text : '');
    })
    .join('');
}
