import type { ScriptedResponse } from '../fault-provider/script.ts';
import type { Feature } from './client-matrix.ts';

export interface CodingAgent {
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** The file of docs/examples/clients that configures the agent, and its path in the home folder. A script has no path. */
  readonly example: string;
  readonly configuration?: string;
  /** Features beyond tools and streaming. */
  readonly features?: readonly Feature[];
  /** The command that asks a question in a new session. The question is the last parameter. */
  readonly ask: readonly string[];
  /** The command that continues the last session. Missing if only the terminal UI of the agent can. */
  readonly resume?: readonly string[];
  /** The call of the agent's tool that reads a file. */
  readonly readFile: (path: string) => ScriptedResponse;
  /** Switches off telemetry and updates. */
  readonly env?: Readonly<Record<string, string>>;
}

const CODEX = ['--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];
const CONTINUE = ['cn', '--auto', '-p'];
const QWEN = ['qwen', '--approval-mode', 'yolo'];

export const CODING_AGENTS: readonly CodingAgent[] = [
  {
    name: 'Codex',
    package: '@openai/codex',
    version: '0.171.0',
    example: 'codex.toml',
    configuration: '.codex/config.toml',
    features: ['Responses'],
    ask: ['codex', 'exec', ...CODEX],
    resume: ['codex', 'exec', 'resume', '--last', ...CODEX],
    readFile: (path) => ({ tool: 'exec_command', arguments: { cmd: `cat ${path}` } }),
  },
  {
    name: 'opencode',
    package: 'opencode-ai',
    version: '1.18.33',
    example: 'opencode.json',
    configuration: '.config/opencode/opencode.json',
    ask: ['opencode', 'run'],
    resume: ['opencode', 'run', '--continue'],
    readFile: (filePath) => ({ tool: 'read', arguments: { filePath } }),
    env: { OPENCODE_DISABLE_AUTOUPDATE: 'true', OPENCODE_DISABLE_MODELS_FETCH: 'true' },
  },
  {
    name: 'Pi',
    package: '@mariozechner/pi-coding-agent',
    version: '0.73.1',
    example: 'pi.json',
    configuration: '.pi/agent/models.json',
    ask: ['pi', '--model', 'prodigon/gpt-5.2', '-p'],
    resume: ['pi', '--model', 'prodigon/gpt-5.2', '--continue', '-p'],
    readFile: (path) => ({ tool: 'read', arguments: { path } }),
    env: { PI_OFFLINE: '1', PI_TELEMETRY: '0' },
  },
  {
    name: 'Cline',
    package: 'cline',
    version: '3.0.65',
    example: 'cline.sh',
    ask: ['cline'],
    readFile: (path) => ({ tool: 'read_files', arguments: { files: [{ path }] } }),
  },
  {
    name: 'Continue',
    package: '@continuedev/cli',
    version: '1.5.47',
    example: 'continue.yaml',
    configuration: '.continue/config.yaml',
    ask: CONTINUE,
    resume: ['cn', '--resume', ...CONTINUE.slice(1)],
    readFile: (filepath) => ({ tool: 'Read', arguments: { filepath } }),
    env: { CONTINUE_CLI_ENABLE_TELEMETRY: '0', CONTINUE_METRICS_ENABLED: '0', CONTINUE_API_BASE: 'http://127.0.0.1:9/' },
  },
  {
    name: 'Qwen Code',
    package: '@qwen-code/qwen-code',
    version: '0.24.4',
    example: 'qwen-code.json',
    configuration: '.qwen/settings.json',
    ask: QWEN,
    resume: [...QWEN, '--continue'],
    readFile: (file_path) => ({ tool: 'read_file', arguments: { file_path } }),
  },
];
