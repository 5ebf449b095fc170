const OPEN = '<think>';
const CLOSE = '</think>';

export interface ThoughtAndText {
  reasoning: string;
  text: string;
}

/**
 * Separates the reasoning that some models write before their response, between `<think>` and `</think>`. A text that may
 * still become the opening tag counts as reasoning, so that the tag never shows.
 */
export function splitThinkBlock(response: string): ThoughtAndText {
  const start = response.trimStart();
  if (!start.startsWith(OPEN)) {
    const isPartOfTag = start !== '' && OPEN.startsWith(start);
    return { reasoning: '', text: isPartOfTag ? '' : response };
  }
  const end = start.indexOf(CLOSE);
  if (end === -1) return { reasoning: start.slice(OPEN.length).trim(), text: '' };
  return { reasoning: start.slice(OPEN.length, end).trim(), text: start.slice(end + CLOSE.length).trimStart() };
}
