import { describe, expect, it } from 'vitest';
import { AppError } from './error-codes.ts';
import { generateFieldOf, generateToChat } from './generate-to-chat.ts';
import type { GenerateRequest } from './generation.ts';

const earlier: GenerateRequest['messages'] = [
  { role: 'user', content: 'a' },
  { role: 'assistant', content: 'b' },
];
const withSystem: GenerateRequest = { prompt: 'c', system_prompt: 's', messages: earlier };

describe('a generate request as a chat completion', () => {
  it('contains the system prompt, earlier messages and the prompt, in this order', () => {
    expect(generateToChat(withSystem).messages.map(({ content }) => content)).toEqual(['s', 'a', 'b', 'c']);
    expect(generateToChat({ prompt: 'c', model: 'm', max_tokens: 5, temperature: 0 })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'c' }],
      max_tokens: 5,
      temperature: 0,
    });
  });

  it.each([
    [withSystem, 'messages[0].content', 'system_prompt'],
    [withSystem, 'messages[2].content', 'messages[1].content'],
    [withSystem, 'messages.1.content', 'messages[0].content'],
    [withSystem, 'messages[3].content', 'prompt'],
    [withSystem, 'messages', 'prompt'],
    [{ prompt: 'c', messages: earlier }, 'messages[0]', 'messages[0]'],
    [{ prompt: 'c' }, 'messages[0].content', 'prompt'],
    [{ prompt: 'c' }, 'max_completion_tokens', 'max_tokens'],
    [{ prompt: 'c' }, 'temperature', 'temperature'],
  ])('names the field of %j that became %s', (request, field, expected) => {
    expect(generateFieldOf(request, field)).toBe(expected);
  });
});

describe('an error with the fields of the caller', () => {
  const nameOf = (path: string) => path.replace('messages', 'input').replace('response_format', 'text.format');

  it('names them in the message, the details and the reason of the provider', () => {
    const details = [{ path: 'response_format.name', message: 'Must be short' }];
    const error = new AppError('VALIDATION_ERROR', 'Wrong. response_format.name: Must be short. response_format.names', {
      details,
    });
    expect(error.withFields(nameOf)).toMatchObject({
      message: 'Wrong. text.format.name: Must be short. response_format.names',
      details: [{ path: 'text.format.name', message: 'Must be short' }],
    });
    const providerReason = { message: "Invalid 'messages': the messages are too long.", code: 'x', param: 'messages' };
    expect(new AppError('BAD_REQUEST', undefined, { providerReason, attempts: 2 }).withFields(nameOf)).toMatchObject({
      providerReason: { message: "Invalid 'input': the messages are too long.", code: 'x', param: 'input' },
      attempts: 2,
    });
  });

  it('names quoted fields where the provider reports none, and leaves other errors as they are', () => {
    const providerReason = { message: "Invalid 'messages[0]'.", code: null, param: null };
    const { publicMessage } = new AppError('BAD_REQUEST', undefined, { providerReason }).withFields(nameOf);
    expect(publicMessage).toBe("Invalid 'input[0]'.");
    const other = new AppError('INFERENCE_ERROR', "The 'messages' failed.");
    expect(other.withFields(nameOf)).toBe(other);
  });
});
