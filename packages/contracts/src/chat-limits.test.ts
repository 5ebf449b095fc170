import { describe, expect, it } from 'vitest';
import { findLimitProblems } from './chat-limits.ts';
import { chatRequestSchema } from './chat-request.ts';

const messages = [{ role: 'user', content: 'Hi' }];
const tools = [{ type: 'function', function: { name: 'f' } }];
const pathsOf = (fields: object) => findLimitProblems(chatRequestSchema.parse({ messages, ...fields })).map(({ path }) => path);
const part = (role: string, content: object) => ({ messages: [{ role, content: [content], tool_call_id: 'a' }] });
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

describe('the limits of OpenAI', () => {
  it.each<[string, object, object]>([
    ['temperature', { temperature: 2 }, { temperature: 2.1 }],
    ['temperature', { temperature: 0 }, { temperature: -0.1 }],
    ['top_p', { top_p: 1 }, { top_p: 1.1 }],
    ['top_p', { top_p: 0 }, { top_p: -0.1 }],
    ['presence_penalty', { presence_penalty: -2 }, { presence_penalty: -2.1 }],
    ['frequency_penalty', { frequency_penalty: 2 }, { frequency_penalty: 9 }],
    ['n', { n: 1 }, { n: 0 }],
    ['n', { n: 128 }, { n: 129 }],
    ['max_tokens', { max_tokens: 1 }, { max_tokens: 0 }],
    ['max_completion_tokens', { max_completion_tokens: 1 }, { max_completion_tokens: -1 }],
    ['stop', { stop: ['a', 'b', 'c', 'd'] }, { stop: ['a', 'b', 'c', 'd', 'e'] }],
    ['top_logprobs', { logprobs: true, top_logprobs: 20 }, { logprobs: true, top_logprobs: 21 }],
    ['top_logprobs', { logprobs: true, top_logprobs: 0 }, { top_logprobs: 0 }],
    ['stream_options', { stream: true, stream_options: {} }, { stream_options: {} }],
    ['tool_choice', { tools, tool_choice: 'required' }, { tool_choice: 'required' }],
    ['tool_choice', { tool_choice: 'none' }, { tools, tool_choice: 'some' }],
    [
      'tool_choice.type',
      { tools, tool_choice: { type: 'function', function: { name: 'f' } } },
      { tools, tool_choice: { type: 'x' } },
    ],
    ['parallel_tool_calls', { tools, parallel_tool_calls: false }, { parallel_tool_calls: false }],
    ['tools', { tools }, { tools: [] }],
    ['tools[0].type', { tools }, { tools: [{ type: 'x' }] }],
    ['tools[0].function.name', { tools }, { tools: [{ type: 'function', function: { name: 'a b' } }] }],
    ['response_format.type', { response_format: { type: 'text' } }, { response_format: { type: 'sound' } }],
    [
      'response_format.json_schema.name',
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } },
    ],
    ['logit_bias[5]', { logit_bias: { 5: 100 } }, { logit_bias: { 5: 101 } }],
    ['logit_bias.a', { logit_bias: {} }, { logit_bias: { a: 1 } }],
    ['metadata', { metadata: pairs(16) }, { metadata: pairs(17) }],
    ['metadata.k', { metadata: { k: 'v'.repeat(512) } }, { metadata: { k: 'v'.repeat(513) } }],
    ['modalities[0]', { modalities: ['text'] }, { modalities: ['smell'] }],
    ['audio', { modalities: ['audio'], audio: { format: 'wav', voice: 'ash' } }, { modalities: ['audio'] }],
    ['reasoning_effort', { reasoning_effort: 'max' }, { reasoning_effort: 'default' }],
    ['verbosity', { verbosity: 'low' }, { verbosity: 'mute' }],
    ['service_tier', { service_tier: 'flex' }, { service_tier: 'on_demand' }],
    ['prediction.type', { prediction: { type: 'content', content: 'a' } }, { prediction: { type: 'x', content: 'a' } }],
    ['messages[0].content[0].type', part('user', { type: 'file', file: {} }), part('user', { type: 'video_url' })],
    [
      'messages[0].content[0].type',
      part('tool', { type: 'text', text: '' }),
      part('tool', { type: 'image_url', image_url: { url: '' } }),
    ],
    [
      'messages[0].content[0].type',
      part('assistant', { type: 'refusal', refusal: '' }),
      part('system', { type: 'refusal', refusal: '' }),
    ],
    [
      'messages[0].content[0].image_url',
      part('user', { type: 'image_url', image_url: { url: '' } }),
      part('user', { type: 'image_url', image_url: '' }),
    ],
  ])('of %s accept %j and refuse %j', (path, accepted, refused) => {
    expect(pathsOf(accepted)).toEqual([]);
    expect(pathsOf(refused)[0]?.replace(/^metadata\.k\d+$/, 'metadata')).toBe(path);
  });
});
