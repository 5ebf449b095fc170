import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../start-app.ts';
import { readExample } from './client-harness.ts';
import type { Feature } from './client-matrix.ts';
import { describeClientProgram } from './client-program.ts';
import { installPythonClients } from './install-client.ts';
import { INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

const FOLDER = join(import.meta.dirname, 'python');
const LIBRARIES: { name: string; file: string; requirements: string; features: Feature[] }[] = [
  {
    name: 'openai for Python',
    file: 'openai_client.py',
    requirements: 'requirements.txt',
    features: ['Chat', 'Streaming', 'Tools', 'Structured output', 'Embeddings', 'Responses', 'Models', 'Errors'],
  },
  {
    name: 'LangChain for Python',
    file: 'langchain_client.py',
    requirements: 'requirements.txt',
    features: ['Chat', 'Streaming', 'Tools', 'Structured output', 'Embeddings', 'Responses'],
  },
  {
    name: 'Pydantic AI',
    file: 'pydantic_ai_client.py',
    requirements: 'requirements.txt',
    features: ['Chat', 'Streaming', 'Tools', 'Structured output', 'Embeddings', 'Responses'],
  },
  {
    name: 'LiteLLM',
    file: 'litellm_client.py',
    requirements: 'requirements.txt',
    features: ['Chat', 'Streaming', 'Tools', 'Structured output', 'Embeddings', 'Responses', 'Errors'],
  },
  {
    name: 'Instructor',
    file: 'instructor_client.py',
    requirements: 'requirements-openai-2.txt',
    features: ['Streaming', 'Tools', 'Structured output'],
  },
  {
    name: 'LlamaIndex',
    file: 'llama_index_client.py',
    requirements: 'requirements-openai-2.txt',
    features: ['Chat', 'Streaming', 'Tools', 'Structured output'],
  },
];

/** Output of each example with the offline models. */
const EXPECTED_OUTPUTS = {
  'openai-client.py': /\n\d+ tokens\nResponse: \d+ characters\nEmbeddings: 2 of 256 numbers\nRefused: model_not_found\n$/,
  'langchain-client.py': /backpressure[\s\S]+\nEmbedding: 256 numbers\n$/i,
  'pydantic-ai.py': /backpressure/i,
};

// Debian ships `venv` as a package of its own.
const CHECK = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
const missing = spawnSync('python3', ['-c', CHECK]).status === 0 ? undefined : 'needs Python 3.11 with venv on PATH';
if (missing) process.stdout.write(`The Python libraries are not tested: this machine ${missing}.\n`);

for (const { name, file, requirements, features } of LIBRARIES) {
  const prepare = async () => [await installPythonClients(join(FOLDER, requirements)), join(FOLDER, file)] as const;
  describeClientProgram({ name, features, prepare, missing });
}

describe.skipIf(missing !== undefined)('Python examples of the documentation', () => {
  let app: RunningApp;
  let python: string;
  beforeAll(async () => {
    python = await installPythonClients(join(FOLDER, 'requirements.txt'));
    app = await startApp('monolith', { USE_MOCK: 'true' });
  }, INSTALLATION_DEADLINE_MS * 2);
  afterAll(() => app?.close());

  it.each(Object.entries(EXPECTED_OUTPUTS))('%s prints the expected output', async (file, expected) => {
    const env = { ...process.env, BASE_URL: app.url };
    const run = { title: `Python runs ${file}`, program: python, parameters: ['-c', readExample(file, app)], env };
    expect(await runClient(run)).toMatch(expected);
  });
});
