import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';

const prodigon = {
  apiKey: process.env.PRODIGON_API_KEY ?? 'any',
  configuration: { baseURL: `${process.env.BASE_URL ?? 'http://127.0.0.1:8000'}/v1` },
  // Prodigon retries calls itself.
  maxRetries: 0,
};
const chat = new ChatOpenAI({ model: process.env.MODEL ?? 'prodigon-tutor', ...prodigon });

for await (const chunk of await chat.stream('What is backpressure?')) process.stdout.write(chunk.text);

const withTools = chat.bindTools([
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather of a city',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
]);
const message = await withTools.invoke('What is the weather in Zürich?');
console.log('\nTools called:', message.tool_calls?.length ?? 0);

const embeddings = new OpenAIEmbeddings({ model: 'prodigon-embed', ...prodigon });
const [first] = await embeddings.embedDocuments(['One text', 'Another']);
console.log('Embedding:', first?.length, 'numbers');
