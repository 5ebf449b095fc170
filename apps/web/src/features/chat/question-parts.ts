export type QuestionPart = { type: 'text'; text: string } | { type: 'code'; text: string; language: string };

const FENCE = /^```([\w+#.-]*)[^\n`]*\n([\s\S]*?)^```[ \t]*(?:\n|$)/gm;
const SHOWN_LINES_MAX = 12;
const SHOWN_CHARACTERS_MAX = 1_200;
/** Longer questions are usually pasted files, and stay text so that they render fast. */
const PARSED_CHARACTERS_MAX = 20_000;

/** Splits a question at its closed code fences. All other text stays as typed, because questions are no Markdown. */
export function questionParts(prompt: string): QuestionPart[] {
  if (prompt.length > PARSED_CHARACTERS_MAX) return [{ type: 'text', text: prompt }];
  const parts: QuestionPart[] = [];
  let end = 0;
  const addText = (text: string) => {
    if (text.trim() !== '') parts.push({ type: 'text', text: text.replace(/^\n+|\n+$/g, '') });
  };
  for (const { index, 0: fence, 1: language = '', 2: code = '' } of prompt.matchAll(FENCE)) {
    addText(prompt.slice(end, index));
    parts.push({ type: 'code', text: code.replace(/\n$/, ''), language: language.toLowerCase() });
    end = index + fence.length;
  }
  addText(prompt.slice(end));
  return parts;
}

/** Whether the question is collapsed to about twelve lines. */
export function isLongQuestion(prompt: string): boolean {
  return prompt.length > SHOWN_CHARACTERS_MAX || prompt.split('\n', SHOWN_LINES_MAX + 2).length > SHOWN_LINES_MAX;
}
