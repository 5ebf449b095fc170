import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embed, isStepCount, jsonSchema, streamText, tool } from 'ai';

const prodigon = createOpenAICompatible({
  name: 'prodigon',
  baseURL: `${process.env.BASE_URL ?? 'http://127.0.0.1:8000'}/v1`,
  apiKey: process.env.PRODIGON_API_KEY ?? 'any',
  // Required for the usage of streams.
  includeUsage: true,
});

const { textStream, usage } = streamText({
  model: prodigon(process.env.MODEL ?? 'prodigon-tutor'),
  prompt: 'What is backpressure?',
  tools: {
    get_weather: tool({
      description: 'The weather of a city',
      inputSchema: jsonSchema<{ city: string }>({
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      }),
      execute: async ({ city }) => `Sunny in ${city}`,
    }),
  },
  stopWhen: isStepCount(3),
  // Prodigon retries calls itself.
  maxRetries: 0,
});
for await (const text of textStream) process.stdout.write(text);
console.log(`\n${(await usage).outputTokens} tokens`);

const model = prodigon.embeddingModel('prodigon-embed');
const { embedding } = await embed({ model, value: 'One text', maxRetries: 0 });
console.log('Embedding:', embedding.length, 'numbers');
