import type { Call } from '@prodigon/lab';
import type { Candidate } from './open-benchmark.ts';

/** Messages of the size of a question with some context. */
const MESSAGES = [
  { role: 'system', content: 'You answer questions about web services in one short paragraph, in plain words.' },
  { role: 'user', content: 'What does a gateway do for the services behind it, and what does it cost? '.repeat(4) },
];

/** Returns a chat completion request. Streams request their usage. */
export function chatCall({ url, path, headers }: Candidate, model: string, isStream: boolean): Required<Omit<Call, 'method'>> {
  const streaming = isStream && { stream: true, stream_options: { include_usage: true } };
  return {
    url: `${url}${path}`,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: MESSAGES, ...streaming }),
    isStream,
  };
}
