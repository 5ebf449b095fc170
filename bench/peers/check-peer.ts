import { COMPLETION_TOKENS, textOf } from '../provider/responses.ts';
import type { RunningPeer } from './peer.ts';

const STREAMED_TOKENS = 25;

/**
 * Requests a complete response and streamed responses from a peer. Rejects when the peer changes one of them, because
 * figures of a faulty peer would be invalid.
 */
export async function checkPeer(name: string, peer: RunningPeer): Promise<void> {
  const completion = JSON.parse(await requestText(peer, { model: 'burst-200' }));
  expectText(name, completion.choices[0].message.content, COMPLETION_TOKENS);
  for (const pace of ['burst', 'paced-50']) {
    const model = `${pace}-${STREAMED_TOKENS}`;
    const text = await requestText(peer, { model, stream: true, stream_options: { include_usage: true } });
    const events = text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? event.slice('data: '.length) : []));
    if (events.pop() !== '[DONE]') throw new Error(`${name} did not stream ${model} to its end.`);
    const chunks = events.map((event) => JSON.parse(event));
    const tokens: string[] = chunks.flatMap(({ choices }) => choices[0]?.delta.content || []);
    expectText(name, tokens.join(''), STREAMED_TOKENS);
    if (tokens.length !== STREAMED_TOKENS || chunks.at(-1).usage?.completion_tokens !== STREAMED_TOKENS)
      throw new Error(`${name} did not stream ${model} token by token, with the usage at the end.`);
  }
}

async function requestText({ url, path, headers }: RunningPeer, body: object): Promise<string> {
  const messages = [{ role: 'user', content: 'What does a gateway do?' }];
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ messages, ...body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} returned ${response.status}: ${text.slice(0, 500)}`);
  return text;
}

function expectText(name: string, text: string, tokens: number): void {
  if (text !== textOf(tokens)) throw new Error(`${name} changed the response of ${tokens} tokens to: ${text}`);
}
