import type { Page } from 'playwright-core';
import { withConversations } from './fake-conversations.test-support.ts';
import type { Harness } from './harness.test-support.ts';

/** Opens a chat whose next response is this text. */
export async function openWithResponse(harness: Harness, text: string): Promise<Page> {
  const page = await harness.open('/nowhere');
  const fake = await withConversations(page);
  fake.responses.push(text);
  await page.goto(`${harness.platform.url}/chat`);
  return page;
}
