import type { Conversation, ConversationMessage, CreateTurn } from '@prodigon/contracts/conversations';
import type { Page, Route } from 'playwright-core';

/** The events of a response after its `start`, or the text of a response that is complete. */
export type FakeResponse = string | { readonly events: string; readonly message: Partial<ConversationMessage> };

export interface FakeConversations {
  /** Latest first. */
  readonly conversations: Conversation[];
  readonly messages: Map<string, ConversationMessage[]>;
  readonly turns: { readonly conversationId: string; readonly key: string | undefined; readonly body: CreateTurn }[];
  /** The responses to the next turns. */
  readonly responses: FakeResponse[];
  /** Added to the headers of turns. */
  headers: Record<string, string>;
  /** Adds a conversation with these texts, a question and a response in turn. */
  add(title: string, texts?: readonly string[], changes?: Partial<Conversation>): Conversation;
}

const DONE = { finish_reason: 'stop', ttft_ms: 1, latency_ms: 2, model: 'canned', provider: 'canned', attempts: 1 };

export const sse = (event: string, data: unknown, id?: string): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;

/** Stubs the conversations of the gateway in a page. */
export async function withConversations(page: Page): Promise<FakeConversations> {
  let ids = 0;
  const createId = () => `01a20ad0-a913-7191-8a23-${String(++ids).padStart(12, '0')}`;
  const fake: FakeConversations = {
    conversations: [],
    messages: new Map(),
    turns: [],
    responses: [],
    headers: {},
    add(title, texts = [], changes = {}) {
      const conversation = createConversation(createId(), title, changes);
      fake.conversations.unshift(conversation);
      const messages: ConversationMessage[] = [];
      for (const [index, text] of texts.entries()) {
        const parent = messages.at(-1)?.id ?? null;
        messages.push(createMessage(createId(), parent, index % 2 === 0 ? 'user' : 'assistant', text));
      }
      fake.messages.set(conversation.id, messages);
      return conversation;
    },
  };
  const find = (id: string | undefined) => fake.conversations.find((each) => each.id === id);

  async function answerTurn(route: Route, conversation: Conversation): Promise<void> {
    const body = route.request().postDataJSON() as CreateTurn;
    fake.turns.push({ conversationId: conversation.id, key: route.request().headers()['idempotency-key'], body });
    const messages = fake.messages.get(conversation.id) ?? [];
    let question: ConversationMessage | null = null;
    if (body.content !== undefined) {
      question = createMessage(createId(), messages.at(-1)?.id ?? null, 'user', body.content);
      messages.push(question);
      if (conversation.title === '') conversation.title = body.content.slice(0, 80);
    } else messages.pop();
    const response = fake.responses.shift() ?? 'A response.';
    const { events, message } =
      typeof response === 'string'
        ? { events: sse('token', response) + sse('done', DONE), message: { content: response } }
        : response;
    const id = createId();
    const parent = messages.at(-1)?.id ?? null;
    messages.push({ ...createMessage(id, parent, 'assistant', message.content ?? ''), model: 'canned', ...message });
    conversation.active_message_id = id;
    const start = {
      ...{ generation_id: createId(), model: 'canned', request_id: 'r', conversation, user_message_id: question?.id ?? null },
      ...{ message_id: id, is_continuation: false, message_position: 0, omitted_messages: 0 },
    };
    const headers = { 'content-type': 'text/event-stream', ...fake.headers };
    await route.fulfill({ headers, body: sse('start', start, `${start.generation_id}:0`) + events });
  }

  await page.route('**/api/v1/chat/**', async (route) => {
    const { pathname, searchParams } = new URL(route.request().url());
    const method = route.request().method();
    const [, collection, id, part] = pathname.replace('/api/v1/chat', '').split('/');
    const conversation = find(id);
    if (collection === 'search') {
      const words = (searchParams.get('q') ?? '').toLowerCase();
      const results = fake.conversations
        .filter(({ title }) => title.toLowerCase().includes(words))
        .map((each) => ({ conversation: each, message_id: null, excerpt: [{ text: each.title, match: true }] }));
      return route.fulfill({ json: { results } });
    }
    if (collection === 'templates') return route.fulfill({ json: { templates: [] } });
    if (collection !== 'sessions') return route.fallback();
    if (id === undefined && method === 'GET') {
      const matches = ({ archived, pinned }: Conversation) =>
        String(archived) === (searchParams.get('archived') ?? 'false') &&
        (searchParams.get('pinned') ?? String(pinned)) === String(pinned);
      return route.fulfill({ json: fake.conversations.filter(matches) });
    }
    if (id === undefined) {
      const { title: _title, tags: _tags, ...options } = route.request().postDataJSON();
      const created = createConversation(createId(), '', options);
      fake.conversations.unshift(created);
      fake.messages.set(created.id, []);
      return route.fulfill({ status: 201, json: created });
    }
    if (!conversation)
      return route.fulfill({
        status: 404,
        json: { error: { code: 'CONVERSATION_NOT_FOUND', message: 'There is no such conversation.', request_id: 'r' } },
      });
    if (part === 'turns') return answerTurn(route, conversation);
    if (part === undefined && method === 'GET') {
      const all = fake.messages.get(conversation.id) ?? [];
      const before = all.findIndex((message) => message.id === searchParams.get('before'));
      const end = before === -1 ? all.length : before;
      const start = Math.max(0, end - Number(searchParams.get('limit') ?? all.length));
      return route.fulfill({ json: { ...conversation, messages: all.slice(start, end), has_earlier: start > 0 } });
    }
    if (part === undefined && method === 'PATCH')
      return route.fulfill({ json: Object.assign(conversation, route.request().postDataJSON()) });
    if (part === undefined && method === 'DELETE') {
      fake.conversations.splice(fake.conversations.indexOf(conversation), 1);
      return route.fulfill({ status: 204 });
    }
    return route.fallback();
  });
  return fake;
}

function createConversation(id: string, title: string, changes: Partial<Conversation> = {}): Conversation {
  const now = new Date().toISOString();
  return {
    ...{ id, title, title_source: 'question', system_prompt: null, model: null, max_tokens: null, temperature: null },
    ...{ pinned: false, archived: false, tags: [], active_message_id: null, generating: false, shared: false },
    ...{ created_at: now, updated_at: now },
    ...changes,
  } as Conversation;
}

function createMessage(
  id: string,
  parent_id: string | null,
  role: ConversationMessage['role'],
  content: string,
): ConversationMessage {
  const now = new Date().toISOString();
  return {
    ...{ id, parent_id, role, content, parts: [{ type: 'text', text: content }], status: 'done', sibling_ids: [id] },
    ...{ model: null, provider: null, usage: null, estimated: false, cost_usd: null, finish_reason: null, ttft_ms: null },
    ...{ latency_ms: null, error: null, generation_id: null, request_id: null, meta: null, created_at: now, completed_at: now },
  };
}
