const TITLES: Readonly<Record<string, string>> = {
  groq: 'Groq',
  'openai-compatible': 'OpenAI-compatible server',
  openai: 'OpenAI',
  openrouter: 'OpenRouter',
  ollama: 'Ollama',
  vllm: 'vLLM',
  'llama.cpp': 'llama.cpp',
  offline: 'Offline',
};

/** The name of a provider as its makers spell it. Providers of other models files keep their id. */
export function providerTitle(name: string): string {
  return Object.hasOwn(TITLES, name) ? (TITLES[name] ?? name) : name;
}
