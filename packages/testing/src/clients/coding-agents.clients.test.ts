import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ChatRequestBody, Script } from '../fault-provider/script.ts';
import { scratchDirectory } from '../shared-resources.ts';
import type { Deployment } from '../start-deployment.ts';
import { readExample, startForClients } from './client-harness.ts';
import { CODING_AGENTS, type CodingAgent } from './coding-agents.ts';
import { installNpmClient } from './install-client.ts';
import { itSupports } from './it-supports.ts';
import { endProcessesOf, INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

const QUESTION = 'Read the file code.txt in this folder and tell me the code.';
const LATER_QUESTION = 'Which code was it?';

const codeIn = (value: unknown): string => /code-[0-9a-f]{8}/.exec(JSON.stringify(value))?.[0] ?? 'unknown';

/** A model that reads the file with the agent's tool, and later repeats the code from the history of the session. */
const readsFile =
  (agent: CodingAgent, file: string): Script =>
  ({ messages, tools = [] }: ChatRequestBody) => {
    const withRole = (name: string) => messages.filter(({ role }: { role: string }) => role === name);
    const call = agent.readFile(file);
    if (JSON.stringify(withRole('user').at(-1)).includes(LATER_QUESTION)) return { text: `It was ${codeIn(messages)}.` };
    // Agents also ask for a title of the session, without tools.
    if (!tools.some((tool: ChatRequestBody) => 'tool' in call && tool.function.name === call.tool)) return { text: 'A code' };
    const results = withRole('tool');
    return results.length > 0 ? { text: `The code is ${codeIn(results)}.` } : call;
  };

describe.each(CODING_AGENTS)('$name', (agent) => {
  const code = `code-${randomUUID().slice(0, 8)}`;
  let deployment: Deployment;
  let home: string;
  let workspace: string;
  let installed: string;

  beforeAll(async () => {
    installed = join(await installNpmClient(agent.package, agent.version), 'node_modules');
    home = mkdtempSync(join(scratchDirectory(), 'agent-'));
    workspace = join(home, 'workspace');
    mkdirSync(workspace);
    writeFileSync(join(workspace, 'code.txt'), `The code is ${code}.\n`);
    deployment = await startForClients(readsFile(agent, join(workspace, 'code.txt')));
    await configure();
  }, INSTALLATION_DEADLINE_MS * 2);

  afterAll(() => {
    if (home === undefined) return;
    endProcessesOf(home);
    rmSync(home, { recursive: true, force: true });
  });

  /** Runs a command of the agent in a home folder of its own. Only this machine is reachable. */
  const run = (title: string, [program = '', ...parameters]: readonly string[]) =>
    runClient({
      title: `${agent.name} ${title}`,
      program,
      parameters,
      cwd: workspace,
      env: {
        PATH: [join(installed, '.bin'), dirname(process.execPath), process.env.PATH].join(delimiter),
        HOME: home,
        PRODIGON_API_KEY: 'any',
        NO_COLOR: '1',
        DO_NOT_TRACK: '1',
        ...Object.fromEntries(
          ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'].map((name) => [name, 'http://127.0.0.1:9']),
        ),
        NO_PROXY: '127.0.0.1,localhost',
        no_proxy: '127.0.0.1,localhost',
        ...agent.env,
      },
    });

  /** Configures the agent with the example of the documentation. */
  async function configure(): Promise<void> {
    const example = readExample(agent.example, deployment);
    if (agent.configuration === undefined) return void (await run('is configured', ['sh', '-euc', example]));
    const path = join(home, agent.configuration);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, example);
  }

  const client = {
    name: agent.name,
    version: () => JSON.parse(readFileSync(join(installed, agent.package, 'package.json'), 'utf8')).version,
  };

  itSupports(client, ['Streaming', 'Tools', ...(agent.features ?? [])], async () => {
    expect(await run('calls a tool', [...agent.ask, QUESTION])).toContain(code);
    const { calls } = deployment.provider;
    expect(calls.filter(({ body }) => body.tools).map(({ stream }) => stream)).not.toContain(false);
    expect(calls.some(({ body }) => codeIn(body) === code)).toBe(true);
  });

  const { resume } = agent;
  if (resume) {
    itSupports(client, ['Session resume'], async () => {
      expect(await run('resumes its session', [...resume, LATER_QUESTION])).toContain(`It was ${code}.`);
    });
  }
});
