import { expect, it } from 'vitest';
import { kindOfMessage } from './message-kind.ts';

it.each([
  ['Hello!', 'greeting'],
  ['hi there', 'greeting'],
  ['Good morning, how are you?', 'greeting'],
  ['hola', 'greeting'],
  ['hello world in express, how?', 'question'],
  ['how are you deployed', 'question'],
  ['thanks a lot', 'thanks'],
  ['thank you, but why?', 'question'],
  ['write a python function', 'task'],
  ['Please write me a poem about queues', 'task'],
  ['can you translate this into French', 'task'],
  ['code a snake game', 'task'],
  ['fix my code', 'task'],
  ['where do I write a migration', 'question'],
  ['write-ahead log', 'question'],
  ['rewrites of urls', 'question'],
  ['', 'question'],
])('takes %j as %s', (text, kind) => {
  expect(kindOfMessage(text)).toBe(kind);
});
