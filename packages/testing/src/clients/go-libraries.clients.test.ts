import { join } from 'node:path';
import { findProgram } from '../find-program.ts';
import { describeClientProgram } from './client-program.ts';
import { CLIENTS_FOLDER } from './install-client.ts';
import { INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

const PROGRAM = join(CLIENTS_FOLDER, 'go', 'openai-client');

const go = findProgram({ names: ['go'] });
const missing = go ? undefined : 'needs Go on PATH';
if (missing) process.stdout.write(`openai for Go is not tested: this machine ${missing}.\n`);

describeClientProgram({
  name: 'openai for Go',
  features: ['Chat', 'Streaming', 'Tools', 'Structured output', 'Embeddings', 'Responses', 'Models', 'Errors'],
  missing,
  async prepare() {
    await runClient({
      title: 'Go builds the client',
      program: go ?? '',
      parameters: ['build', '-o', PROGRAM, '.'],
      cwd: join(import.meta.dirname, 'go'),
      deadlineMs: INSTALLATION_DEADLINE_MS,
    });
    return [PROGRAM];
  },
});
