import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { embed, generateText, isStepCount, jsonSchema, Output, streamText, tool } from 'ai';
import Groq from 'groq-sdk';
import OpenAI from 'openai';
import { beforeAll, describe, expect } from 'vitest';
import type { Deployment } from '../start-deployment.ts';
import { libraryScript, startForClients, TEXT } from './client-harness.ts';
import { itSupports } from './it-supports.ts';

const MODULES = join(resolve(import.meta.dirname, '../../../..'), 'node_modules');
const clientOf = (name: string, module: string) => ({
  name,
  version: () => JSON.parse(readFileSync(join(MODULES, module, 'package.json'), 'utf8')).version as string,
});

const MODEL = 'gpt-5.2';
const CITY = { city: 'Zürich' };
const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
const TOOL = { type: 'function', function: { name: 'get_weather', parameters: SCHEMA } } as const;
const RESPONSE_FORMAT = { type: 'json_schema', json_schema: { name: 'city', schema: SCHEMA, strict: true } } as const;
const messages = [{ role: 'user' as const, content: 'What is the weather in Zürich?' }];
const TOOL_RESULT = 'The tool returned: sunny in Zürich';

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startForClients(libraryScript);
});

async function textOf<Item>(items: AsyncIterable<Item>, text: (item: Item) => string | null | undefined): Promise<string> {
  let joined = '';
  for await (const item of items) joined += text(item) ?? '';
  return joined;
}

describe('openai for TypeScript', () => {
  const client = clientOf('openai for TypeScript', 'openai');
  const openai = () => new OpenAI({ baseURL: `${deployment.url}/v1`, apiKey: 'any', maxRetries: 0 });

  itSupports(client, ['Chat', 'Streaming'], async () => {
    const { choices } = await openai().chat.completions.create({ model: MODEL, messages });
    expect(choices[0]?.message.content).toBe(TEXT);
    const stream = await openai().chat.completions.create({ model: MODEL, messages, stream: true });
    expect(await textOf(stream, (chunk) => chunk.choices[0]?.delta.content)).toBe(TEXT);
  });

  itSupports(client, ['Tools', 'Structured output'], async () => {
    const { choices } = await openai().chat.completions.create({ model: MODEL, messages, tools: [TOOL] });
    const message = choices[0]?.message;
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== 'function') throw new Error('The model called no function.');
    expect(JSON.parse(call.function.arguments)).toEqual(CITY);
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'sunny in Zürich' };
    const final = await openai().chat.completions.create({
      model: MODEL,
      messages: [...messages, message, result],
      tools: [TOOL],
    });
    expect(final.choices[0]?.message.content).toBe(TOOL_RESULT);
    const parsed = await openai().chat.completions.parse({ model: MODEL, messages, response_format: RESPONSE_FORMAT });
    expect(parsed.choices[0]?.message.parsed).toEqual(CITY);
  });

  itSupports(client, ['Responses'], async () => {
    const body = { model: MODEL, input: 'Hi' };
    expect((await openai().responses.create(body)).output_text).toBe(TEXT);
    expect((await openai().responses.stream(body).finalResponse()).output_text).toBe(TEXT);
  });

  itSupports(client, ['Embeddings', 'Models', 'Errors'], async () => {
    const { data } = await openai().embeddings.create({ model: 'healthy', input: ['One', 'Two'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    const [first] = (await openai().models.list()).data;
    expect(await openai().models.retrieve(first?.id ?? '')).toEqual(first);
    await expect(openai().models.retrieve('nobody-has-this')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});

describe('groq-sdk', () => {
  const client = clientOf('groq-sdk', 'groq-sdk');
  const groq = () => new Groq({ baseURL: deployment.url, apiKey: 'any', maxRetries: 0 });

  itSupports(client, ['Chat', 'Streaming'], async () => {
    const { choices } = await groq().chat.completions.create({ model: MODEL, messages });
    expect(choices[0]?.message.content).toBe(TEXT);
    const stream = await groq().chat.completions.create({ model: MODEL, messages, stream: true });
    expect(await textOf(stream, (chunk) => chunk.choices[0]?.delta.content)).toBe(TEXT);
  });

  itSupports(client, ['Tools', 'Structured output'], async () => {
    const called = await groq().chat.completions.create({ model: MODEL, messages, tools: [TOOL] });
    expect(JSON.parse(called.choices[0]?.message.tool_calls?.[0]?.function.arguments ?? '')).toEqual(CITY);
    const { choices } = await groq().chat.completions.create({ model: MODEL, messages, response_format: RESPONSE_FORMAT });
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual(CITY);
  });

  itSupports(client, ['Embeddings', 'Models', 'Errors'], async () => {
    expect((await groq().embeddings.create({ model: 'healthy', input: 'One' })).data[0]?.embedding).toHaveLength(8);
    const [first] = (await groq().models.list()).data;
    expect(await groq().models.retrieve(first?.id ?? '')).toEqual(first);
    await expect(groq().models.retrieve('nobody-has-this')).rejects.toBeInstanceOf(Groq.NotFoundError);
  });
});

describe('AI SDK', () => {
  const client = clientOf('AI SDK', 'ai');
  const options = { prompt: 'What is the weather in Zürich?', maxRetries: 0 };
  const prodigon = () =>
    createOpenAICompatible({ name: 'prodigon', baseURL: `${deployment.url}/v1`, apiKey: 'any', supportsStructuredOutputs: true });

  itSupports(client, ['Chat', 'Streaming'], async () => {
    expect((await generateText({ model: prodigon()(MODEL), ...options })).text).toBe(TEXT);
    expect(await textOf(streamText({ model: prodigon()(MODEL), ...options }).textStream, (text) => text)).toBe(TEXT);
  });

  itSupports(client, ['Tools', 'Structured output'], async () => {
    const schema = jsonSchema<typeof CITY>(SCHEMA);
    const get_weather = tool({ inputSchema: schema, execute: async ({ city }) => `sunny in ${city}` });
    const model = prodigon()(MODEL);
    expect((await generateText({ model, ...options, tools: { get_weather }, stopWhen: isStepCount(2) })).text).toBe(TOOL_RESULT);
    expect((await generateText({ model, ...options, output: Output.object({ schema }) })).output).toEqual(CITY);
  });

  itSupports(client, ['Embeddings'], async () => {
    const { embedding } = await embed({ model: prodigon().embeddingModel('healthy'), value: 'One', maxRetries: 0 });
    expect(embedding).toHaveLength(8);
  });
});

describe('LangChain for TypeScript', () => {
  const client = clientOf('LangChain for TypeScript', '@langchain/openai');
  const options = () => ({ apiKey: 'any', configuration: { baseURL: `${deployment.url}/v1` }, maxRetries: 0 });
  const chat = () => new ChatOpenAI({ model: MODEL, ...options() });

  itSupports(client, ['Chat', 'Streaming'], async () => {
    expect((await chat().invoke('Hi')).text).toBe(TEXT);
    expect(await textOf(await chat().stream('Hi'), (chunk) => chunk.text)).toBe(TEXT);
  });

  itSupports(client, ['Tools', 'Structured output'], async () => {
    expect((await chat().bindTools([TOOL]).invoke('Hi')).tool_calls).toMatchObject([{ name: 'get_weather', args: CITY }]);
    const structured = chat().withStructuredOutput({ ...SCHEMA, title: 'city' }, { method: 'jsonSchema' });
    expect(await structured.invoke('Hi')).toEqual(CITY);
  });

  itSupports(client, ['Responses', 'Embeddings'], async () => {
    expect((await new ChatOpenAI({ model: MODEL, useResponsesApi: true, ...options() }).invoke('Hi')).text).toBe(TEXT);
    const embeddings = new OpenAIEmbeddings({ model: 'healthy', ...options() });
    expect((await embeddings.embedDocuments(['One', 'Two'])).map((vector) => vector.length)).toEqual([8, 8]);
  });
});
