import OpenAI from 'openai';

const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:8000';
const openai = new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: process.env.PRODIGON_API_KEY ?? 'any' });
const model = process.env.MODEL ?? 'prodigon-tutor';

const { data: models } = await openai.models.list();
console.log('Models:', models.map(({ id }) => id).join(', '));

// Streaming: the last chunk contains the usage, because the request includes it.
const stream = await openai.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'What is backpressure?' }],
  stream: true,
  stream_options: { include_usage: true },
});
for await (const { choices, usage } of stream) {
  process.stdout.write(choices[0]?.delta.content ?? '');
  if (usage) console.log(`\n${usage.completion_tokens} tokens`);
}

// Tools: the model returns the calls, and your program runs them.
const called = await openai.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'What is the weather in Zürich?' }],
  tools: [
    {
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    },
  ],
});
console.log('Tools called:', called.choices[0]?.message.tool_calls?.length ?? 0);

const response = await openai.responses.create({ model, input: 'What is a circuit breaker?' });
console.log('Response:', response.output_text.length, 'characters');

const { data: embeddings } = await openai.embeddings.create({ model: 'prodigon-embed', input: ['One text', 'Another'] });
console.log('Embeddings:', embeddings.length, 'of', embeddings[0]?.embedding.length, 'numbers');

try {
  await openai.chat.completions.create({ model: 'nobody-has-this', messages: [{ role: 'user', content: 'Hi' }] });
} catch (error) {
  if (error instanceof OpenAI.NotFoundError) console.log('Refused:', error.code);
  else throw error;
}
