import createClient from 'openapi-fetch';
import type { components, paths } from './openapi.d.ts';

const client = createClient<paths>({ baseUrl: process.env.BASE_URL ?? 'http://127.0.0.1:8000' });
const messages = [{ role: 'user' as const, content: 'What is backpressure?' }];

const chat = await client.POST('/v1/chat/completions', { body: { messages } });
// Without `stream` the body is JSON.
if (!chat.data || typeof chat.data === 'string') throw new Error(chat.error?.error.message);
console.log('Chat:', chat.data.choices[0]?.message.content?.length, 'characters of', chat.data.model);

/** Yields the `data` of each event. */
async function* readEvents(body: ReadableStream<Uint8Array> | null | undefined): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const frames = `${rest}${decoder.decode(bytes, { stream: true })}`.split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) yield /^data: (.*)$/m.exec(frame)?.[1] ?? '';
  }
}

const stream = await client.POST('/v1/chat/completions', { body: { messages, stream: true }, parseAs: 'stream' });
let characters = 0;
for await (const data of readEvents(stream.data)) {
  if (data === '' || data === '[DONE]') continue;
  const chunk: components['schemas']['ChatCompletionChunk'] = JSON.parse(data);
  characters += chunk.choices[0]?.delta.content?.length ?? 0;
}
console.log('Stream:', characters, 'characters');

const lines = '{"prompt": "What is backpressure?", "custom_id": "q-1"}\n{"prompt": "What is a circuit breaker?"}\n';
const { data: job } = await client.POST('/api/v1/jobs', {
  params: { query: { name: 'Glossary' }, header: { 'idempotency-key': crypto.randomUUID() } },
  headers: { 'content-type': 'application/jsonl' },
  body: lines,
  bodySerializer: (body) => body,
});
if (!job) throw new Error('The job was rejected.');

const path = { jobId: job.job_id };
const events = await client.GET('/api/v1/jobs/{jobId}/events', {
  params: { path, query: { after: job.sequence } },
  parseAs: 'stream',
});
let eventCount = 0;
for await (const data of readEvents(events.data)) if (data !== '') eventCount += 1;

const results = await client.GET('/api/v1/jobs/{jobId}/results.jsonl', { params: { path }, parseAs: 'text' });
const outputs = String(results.data).trim().split('\n');
const first: components['schemas']['JobResultLine'] = JSON.parse(outputs[0] ?? '');
console.log('Job:', eventCount > 0, outputs.length, 'results, first', first.custom_id, first.response?.body.finish_reason);
