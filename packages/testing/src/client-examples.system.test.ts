import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './run-program.ts';
import { type RunningApp, startApp } from './start-app.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const FOLDER = 'docs/examples/clients';
const FILES = readdirSync(join(ROOT, FOLDER)).sort();
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Output of each example with the offline models. */
const EXPECTED_OUTPUTS: Record<string, RegExp> = {
  'ai-sdk.ts': /backpressure[\s\S]+\n\d+ tokens\nEmbedding: 256 numbers\n$/i,
  'curl.sh': /^\{"object":"list"[\s\S]+data: \{"id":"chatcmpl-[\s\S]+data: \[DONE\]\n\n\{"object":"list"/,
  'groq.ts': /backpressure/i,
  'langchain.ts': /backpressure[\s\S]+\nTools called: 0\nEmbedding: 256 numbers\n$/i,
  'openai.ts':
    /^Models: prodigon-[\s\S]+\n\d+ tokens\nTools called: 0\nResponse: \d+ characters\nEmbeddings: 2 of 256 numbers\nRefused: model_not_found\n$/,
};

/** The sources of the tests that install clients. */
const CLIENT_TESTS = readdirSync(join(ROOT, 'packages/testing/src/clients'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(join('packages/testing/src/clients', name)));

describe('docs/architecture/clients.md', () => {
  const page = read('docs/architecture/clients.md');

  it('contains exactly the files of the examples folder', () => {
    const blocks = [...page.matchAll(/^```(?:ts|python|bash|toml|json|yaml)\n([\s\S]*?)^```/gm)].map(([, text]) => text);
    expect([...blocks].sort()).toEqual(FILES.map((file) => read(join(FOLDER, file))).sort());
  });

  it('states which examples these tests run', () => {
    const rows = [...page.matchAll(/^\| \[`([^`]+)`\]\([^)]+\) \|.*\| (yes|no|`test:clients`) \|$/gm)].map(([, file, run]) => [
      file,
      run,
    ]);
    const runs = (file: string) =>
      file in EXPECTED_OUTPUTS ? 'yes' : CLIENT_TESTS.some((source) => source.includes(`'${file}'`)) ? '`test:clients`' : 'no';
    expect(rows.sort()).toEqual(FILES.map((file) => [file, runs(file)]));
  });
});

describe('client examples', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp('monolith', { USE_MOCK: 'true' });
  });
  afterAll(() => app?.close());

  const run = (program: string, file: string) =>
    runProgram(program, [join(FOLDER, file)], { cwd: ROOT, env: { ...process.env, BASE_URL: app.url, NO_COLOR: '1' } });

  it.each(Object.entries(EXPECTED_OUTPUTS))('%s prints the expected output', async (file, expected) => {
    const { code, output } = await run(file.endsWith('.sh') ? 'sh' : process.execPath, file);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringMatching(expected) });
  });

  it('open-webui.sh has valid shell syntax', async () => {
    expect(await runProgram('sh', ['-n', join(FOLDER, 'open-webui.sh')], { cwd: ROOT })).toEqual({ code: 0, output: '' });
  });
});
