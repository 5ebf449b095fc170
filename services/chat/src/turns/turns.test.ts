import { AppError } from '@prodigon/contracts';
import { describe, expect, it, vi } from 'vitest';
import { eventsOf, nextEvent, readAll, startChat, textOf } from './turns.test-support.ts';

describe('a turn', () => {
  it('stores the question, streams the response with its position, and stores it before the stream ends', async () => {
    const { createConversation, turn, fake, stores } = await startChat();
    const { id } = await createConversation();
    const asking = turn(id, { content: 'What is backpressure?' });
    const model = await fake.response(0);
    model.send('A slow ', 'reader');
    model.end();
    const response = await asking;
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = await readAll(response);
    const { messages, title } = await stores.conversations.get('ada', id, {});
    const generationId = messages[1]?.generation_id;
    expect(events.map(({ event, id }) => [event, id])).toEqual([
      ['start', `${generationId}:0`],
      ['token', `${generationId}:13`],
      ['usage', `${generationId}:14`],
      ['done', `${generationId}:15`],
    ]);
    expect(events[0]?.data).toMatchObject({
      generation_id: generationId,
      model: 'fake',
      user_message_id: messages[0]?.id,
      message_id: messages[1]?.id,
      is_continuation: false,
      omitted_messages: 0,
      conversation: { id, title, generating: true },
    });
    expect(events.at(-1)?.data).toEqual({
      finish_reason: 'stop',
      ttft_ms: 1,
      latency_ms: 2,
      model: 'fake',
      provider: 'faker',
      attempts: 1,
    });
    expect(messages).toMatchObject([
      { role: 'user', content: 'What is backpressure?', status: 'done' },
      { role: 'assistant', content: 'A slow reader', status: 'done', cost_usd: 0.5, provider: 'faker', finish_reason: 'stop' },
    ]);
  });
});
