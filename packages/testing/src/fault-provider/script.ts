import type { ResponseOverrides } from './openai-response.ts';

/** The response of a scripted model: a text, or the call of one tool. */
export type ScriptedResponse = { readonly text: string } | { readonly tool: string; readonly arguments: object };

// biome-ignore lint/suspicious/noExplicitAny: scripts read requests of clients in any form.
export type ChatRequestBody = Record<string, any>;

/** Returns the response for the body of a chat completion request. */
export type Script = (body: ChatRequestBody) => ScriptedResponse;

/** Streams a text word by word, and the arguments of a tool call in two halves. */
export function overridesOf(scripted: ScriptedResponse): ResponseOverrides {
  if ('text' in scripted) {
    const words = scripted.text.match(/\s*\S+/g) ?? [];
    return { deltas: words.map((content) => ({ content })), message: { content: scripted.text } };
  }
  const json = JSON.stringify(scripted.arguments);
  const call = (text: string) => ({ id: 'call_scripted', type: 'function', function: { name: scripted.tool, arguments: text } });
  const middle = json.length >> 1;
  return {
    deltas: [
      { tool_calls: [{ index: 0, ...call(json.slice(0, middle)) }] },
      { tool_calls: [{ index: 0, function: { arguments: json.slice(middle) } }] },
    ],
    message: { content: null, tool_calls: [call(json)] },
    finish: 'tool_calls',
  };
}
