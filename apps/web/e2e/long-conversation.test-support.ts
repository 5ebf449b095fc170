import type { Page } from 'playwright-core';

const PARAGRAPH = 'A response has some sentences, with `code`, *emphasis* and a [link](https://example.com/a). ';
const EXTRAS = [
  '\n\n- one item\n- another item\n\n',
  '\n\n```ts\nconst lease = await queue.claim(16);\nfor (const item of lease) run(item);\n```\n\n',
  '\n\n| model | tok/s |\n|---|--:|\n| a | 80 |\n| b | 120 |\n\n',
  '\n\n',
];

/** Stores a conversation of this many questions and responses in the page, before the chat opens. */
export async function withConversation(page: Page, turns: number): Promise<void> {
  const conversation = Array.from({ length: turns }, (_, index) => ({
    id: `turn-${index + 1}`,
    prompt: `Question ${index + 1}.`,
    model: null,
    earlierResponses: [],
    response: { state: 'done', text: responseOf(index), requestedAt: 1, model: 'prodigon-sim' },
  }));
  await page.evaluate((json) => sessionStorage.setItem('prodigon.conversation.1', json), JSON.stringify(conversation));
}

function responseOf(index: number): string {
  return `Response ${index + 1}. ${PARAGRAPH.repeat(1 + (index % 3))}${EXTRAS[index % EXTRAS.length]}${PARAGRAPH.repeat(1 + (index % 4))}`;
}
