import Groq from 'groq-sdk';

// No path: this client appends /openai/v1.
const groq = new Groq({
  baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:8000',
  apiKey: process.env.PRODIGON_API_KEY ?? 'any',
});

const stream = await groq.chat.completions.create({
  model: process.env.MODEL ?? 'prodigon-tutor',
  messages: [{ role: 'user', content: 'What is backpressure?' }],
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? '');
