/** Returns a code block in Markdown with a fence that is longer than any in its text. */
export function codeBlock(text: string, language = ''): string {
  let longest = 2;
  for (const [, fence = ''] of text.matchAll(/^ {0,3}(`{3,})/gm)) longest = Math.max(longest, fence.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}${text.endsWith('\n') ? '' : '\n'}${fence}`;
}
