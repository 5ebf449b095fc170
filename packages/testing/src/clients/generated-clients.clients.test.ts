import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningApp, startApp } from '../start-app.ts';
import { CLIENTS_FOLDER } from './install-client.ts';
import { INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

const CHECK = resolve(import.meta.dirname, '../../../../docs/examples/generated-clients/check.sh');
/** Schemathesis finds what is undocumented within its first requests; longer runs repeat them with other values. */
const SCHEMATHESIS_SECONDS = '30';

let app: RunningApp;
beforeAll(async () => {
  app = await startApp('monolith', { USE_MOCK: 'true' });
});
afterAll(() => app?.close());

it(
  'generates clients that work from an OpenAPI document without problems, which the platform obeys',
  async () => {
    const output = await runClient({
      title: 'The generated clients run',
      program: 'sh',
      parameters: [CHECK, join(CLIENTS_FOLDER, 'generated')],
      env: { ...process.env, BASE_URL: app.url, SECONDS_MAX: SCHEMATHESIS_SECONDS },
      deadlineMs: INSTALLATION_DEADLINE_MS,
    });
    expect(output).toContain('\n0 problems\n');
    const [skipped] = /^Python clients: skipped.*$/m.exec(output) ?? [];
    if (skipped === undefined) expect(output).toMatch(/ (\d+) generated, \1 passed\n/);
    else process.stdout.write(`${skipped}.\n`);
  },
  INSTALLATION_DEADLINE_MS * 1.5,
);
