export interface SnippetValues {
  /** The address of the platform without a trailing slash. */
  origin: string;
  /** The value of the key. */
  apiKey: string;
  model: string;
}

export interface Snippet {
  name: string;
  /** The language of syntax highlighting and the file extension. */
  language: 'sh' | 'ts' | 'py';
  text: string;
}

const PROMPT = 'What is backpressure?';

/** Returns a first request with the new key for each client. Every snippet runs as it is. */
export function keySnippets({ origin, apiKey, model }: SnippetValues): Snippet[] {
  const baseUrl = JSON.stringify(`${origin}/v1`);
  const [key, modelText, prompt] = [apiKey, model, PROMPT].map((text) => JSON.stringify(text));
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: PROMPT }] });
  return [
    {
      name: 'curl',
      language: 'sh',
      text: [
        `curl ${shellQuote(`${origin}/v1/chat/completions`)} \\`,
        `  -H ${shellQuote(`Authorization: Bearer ${apiKey}`)} \\`,
        `  -H 'Content-Type: application/json' \\`,
        `  -d ${shellQuote(body)}`,
      ].join('\n'),
    },
    {
      name: 'TypeScript',
      language: 'ts',
      text: [
        "import OpenAI from 'openai';",
        '',
        `const client = new OpenAI({ baseURL: ${baseUrl}, apiKey: ${key} });`,
        'const completion = await client.chat.completions.create({',
        `  model: ${modelText},`,
        `  messages: [{ role: 'user', content: ${prompt} }],`,
        '});',
        'console.log(completion.choices[0]?.message.content);',
      ].join('\n'),
    },
    {
      name: 'Python',
      language: 'py',
      text: [
        'from openai import OpenAI',
        '',
        `client = OpenAI(base_url=${baseUrl}, api_key=${key})`,
        'completion = client.chat.completions.create(',
        `    model=${modelText},`,
        `    messages=[{"role": "user", "content": ${prompt}}],`,
        ')',
        'print(completion.choices[0].message.content)',
      ].join('\n'),
    },
  ];
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
