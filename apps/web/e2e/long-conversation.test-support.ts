import type { Page } from 'playwright-core';
import { withConversations } from './fake-conversations.test-support.ts';

const PARAGRAPH = 'A response has some sentences, with `code`, *emphasis* and a [link](https://example.com/a). ';
const EXTRAS = [
  '\n\n- one item\n- another item\n\n',
  '\n\n```ts\nconst lease = await queue.claim(16);\nfor (const item of lease) run(item);\n```\n\n',
  '\n\n| model | tok/s |\n|---|--:|\n| a | 80 |\n| b | 120 |\n\n',
  '\n\n',
];

/** Stubs a conversation of this many questions and responses. Returns its path. */
export async function withConversation(page: Page, turns: number): Promise<string> {
  const fake = await withConversations(page);
  const texts = Array.from({ length: turns }, (_, index) => [`Question ${index + 1}.`, responseOf(index)]).flat();
  return `/chat/${fake.add('A long conversation', texts).id}`;
}

function responseOf(index: number): string {
  return `Response ${index + 1}. ${PARAGRAPH.repeat(1 + (index % 3))}${EXTRAS[index % EXTRAS.length]}${PARAGRAPH.repeat(1 + (index % 4))}`;
}
