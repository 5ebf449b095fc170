import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import { type CommandResult, runInProcess } from './run-prodigon.test-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'prodigon-command-line-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): Promise<CommandResult> =>
  runInProcess(args, { DATA_DIR: folder }, { rootDirectory: folder }).ended;

describe('an invalid command line', () => {
  it.each([
    [['frobnicate'], /^Unknown command "frobnicate"\. See: \.\/prodigon help\n$/],
    [['stauts'], /^Unknown command "stauts"\. Did you mean "status"\? See: \.\/prodigon help\n$/],
    [['help', 'strat'], /^Unknown command "strat"\. Did you mean "start"\?/],
    [['jobs', 'sumbit'], /^Unknown command "jobs sumbit"\. Did you mean "submit"\? See: \.\/prodigon help jobs\n$/],
    [['start', '--topolgy=monolith'], /^Unknown option '--topolgy'\. Did you mean "--topology"\? See: /],
    [['jobs', 'retry', '--no-wacth', '1'], /^Unknown option '--no-wacth'\. Did you mean "--no-watch"\? See: /],
    [['help', 'frobnicate'], /^Unknown command "frobnicate"\. See: \.\/prodigon help\n$/],
    [['start', '--topology', 'cloud'], /^--topology must be services or monolith, not "cloud"\. See: \.\/prodigon help start\n$/],
    [
      ['start', '--only', 'database'],
      /^--only must be gateway, model or worker, not "database"\. See: \.\/prodigon help start\n$/,
    ],
    [['start', '--only', 'model', '--topology', 'monolith'], /^--only requires --topology services\./],
    [['start', '--replicas', 'database=2'], /^--replicas accepts gateway, model and worker, not "database"\./],
    [['start', '--replicas', 'model=17'], /^--replicas takes a number from 1 to 16, as in model=2, not "model=17"\./],
    [['start', '--replicas', 'model=0'], /^--replicas takes a number from 1 to 16, as in model=2, not "model=0"\./],
    [['start', '--replicas', 'model=2:x'], /^--replicas takes a port, as in model=2:8101, not "model=2:x"\./],
    [['start', '--replicas', 'worker=3:65534'], /^--replicas takes a port, as in worker=3:8101, not/],
    [['start', '--replicas', 'worker'], /^--replicas takes a number from 1 to 16, as in worker=2, not "worker"\./],
    [
      ['start', '--topology', 'monolith', '--replicas', 'model=2'],
      /^--replicas requires --topology services; the monolith is one process\./,
    ],
    [['start', '--only', 'model', '--replicas', 'model=2'], /^--replicas cannot be combined with --only/],
    [['chat', '--loud', 'Hi'], /^Unknown option '--loud'\. See: \.\/prodigon help chat\n$/],
    [['chat'], /^The prompt is empty\. See: \.\/prodigon help chat\n$/],
    [['health', '--url', 'localhost'], /^--url takes an http or https URL\. See: \.\/prodigon help health\n$/],
    [['backup'], /^prodigon backup takes one file\. See: \.\/prodigon help backup\n$/],
    [['backup', 'one', 'two'], /^prodigon backup takes one file\. See: \.\/prodigon help backup\n$/],
    [['restore'], /^prodigon restore takes one file\. See: \.\/prodigon help restore\n$/],
    [['jobs'], /^Name a command\. Available: submit, list, /],
    [['jobs', 'frobnicate'], /^Unknown command "jobs frobnicate"\. Available: submit, list, .* See: \.\/prodigon help jobs\n$/],
    [['jobs', 'list', '--limit', '0'], /^--limit must be 1 to 200, not "0"\. See: \.\/prodigon help jobs list\n$/],
    [['jobs', 'submit', '/nonexistent'], /^\/nonexistent does not exist\. See: \.\/prodigon help jobs submit\n$/],
    [['help', 'jobs', 'frobnicate'], /^Unknown command "jobs frobnicate"\./],
    [['config'], /^Name a command\. Available: check\. See: \.\/prodigon help config\n$/],
    [['config', 'show'], /^Unknown command "config show"\. Available: check\./],
    [['config', 'check', 'this'], /^Unexpected argument 'this'\. See: \.\/prodigon help config check\n$/],
    [['reset'], /^Without a terminal, this command requires --yes\. See: \.\/prodigon help reset\n$/],
    [['jobs', 'delete', '0199a8'], /^Without a terminal, this command requires --yes\. See: \.\/prodigon help jobs delete\n$/],
    [['completion', 'tcsh'], /^Name one shell: bash, zsh or fish\. See: \.\/prodigon help completion\n$/],
  ])('prodigon %j exits with 2 and one sentence', async (args, stderr) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(stderr) });
  });
});

it.each([
  ['stop', 0],
  ['status', 0],
])('prodigon %s works beside a .env in UTF-16', async (command, code) => {
  const rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-utf16-'));
  onTestFinished(() => rmSync(rootDirectory, { recursive: true }));
  writeFileSync(join(rootDirectory, '.env'), Buffer.from('\ufeffGATEWAY_PORT=8000\n', 'utf16le'));
  const result = await runInProcess([command], {}, { rootDirectory }).ended;
  expect(result).toEqual({ code, stdout: 'Prodigon is not running.\n', stderr: '' });
});

it.each([[['health', '--url', 'http://127.0.0.1:9']], [['chat', '--url', 'http://127.0.0.1:9', 'Hi']]])(
  'prodigon %j explains that no gateway responds',
  async (args) => {
    expect(await run(...args)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'No gateway responds at http://127.0.0.1:9. Start it with: npm start\n',
    });
  },
);

it('prints the state of the platform as JSON', async () => {
  const { code, stdout } = await run('status', '--json');
  expect({ code, printed: JSON.parse(stdout) }).toEqual({ code: 0, printed: { stacks: [], orphaned_database_pid: null } });
});

it('prints the version', async () => {
  for (const name of ['--version', '-v'])
    expect(await run(name)).toEqual({ code: 0, stdout: `prodigon ${packageJson.version}\n`, stderr: '' });
});

it('lists every command, and prints the same help for ./prodigon help <command> and --help', async () => {
  const help = await run('help');
  for (const args of [[], ['--help'], ['-h']]) expect(await run(...args)).toEqual(help);
  const names = [...help.stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name);
  expect(names).toEqual(
    'start stop status health config chat models usage jobs keys lab migrate backup restore reset completion'.split(' '),
  );
  for (const name of [...names, 'jobs submit', 'config check']) {
    const path = String(name).split(' ');
    const described = await run('help', ...path);
    expect(described).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^prodigon ${name}: `)) });
    for (const flag of ['--help', '-h']) expect(await run(...path, flag)).toEqual(described);
  }
});

it('passes --help after -- to the command', async () => {
  expect((await run('chat', '--url', 'http://127.0.0.1:9', '--', '--help')).stderr).toContain('No gateway responds');
});

describe('an invalid .env', () => {
  it.each(['GATEWAY_PORT=none\n', Buffer.from('\ufeffHOST=127.0.0.1\n', 'utf16le'), 'a folder'])(
    'prevents commands that need the configuration, but neither status nor stop',
    async (dotEnv) => {
      const rootDirectory = mkdtempSync(join(folder, 'root-'));
      if (dotEnv === 'a folder') mkdirSync(join(rootDirectory, '.env'));
      else writeFileSync(join(rootDirectory, '.env'), dotEnv);
      const runHere = (name: string) => runInProcess([name], { DATA_DIR: folder }, { rootDirectory }).ended;
      const stopped = { code: 0, stdout: 'Prodigon is not running.\n', stderr: '' };
      expect(await runHere('status')).toEqual(stopped);
      expect(await runHere('stop')).toEqual(stopped);
      expect(await runHere('start')).toMatchObject({
        code: 78,
        stderr: expect.stringMatching(/^ {2}(?:GATEWAY_PORT must be|\.env is UTF-16|\.env cannot be read)/m),
      });
    },
  );
});

describe('the configuration check', () => {
  const MODELS =
    'providers:\n  acme:\n    base_url: https://acme.example\n    key_variable: ACME_KEY\n    models: { large: {} }\n';
  function folderWith(files: { dotEnv?: string; models: string }): string {
    const rootDirectory = mkdtempSync(join(folder, 'root-'));
    mkdirSync(join(rootDirectory, 'config'));
    writeFileSync(join(rootDirectory, 'config/models.yaml'), files.models);
    if (files.dotEnv) writeFileSync(join(rootDirectory, '.env'), files.dotEnv);
    return rootDirectory;
  }
  const runIn = (rootDirectory: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
    runInProcess(args, { DATA_DIR: join(rootDirectory, 'data'), ...env }, { rootDirectory }).ended;

  it('reports the enabled providers and warnings, and never a key', async () => {
    const rootDirectory = folderWith({ dotEnv: 'ACME_KEY=sk-secret\nOTHER_TOOL=1\n', models: MODELS });
    expect(await runIn(rootDirectory, ['config', 'check'])).toEqual({
      code: 0,
      stdout:
        'Warning: .env sets OTHER_TOOL, which Prodigon does not know\nThe configuration is valid. Enabled providers: acme\nKeys, addresses and DATABASE_URL were not tested.\n',
      stderr: '',
    });
  });

  it('names the proxies of providers without their credentials', async () => {
    const rootDirectory = folderWith({ models: 'providers: {}\n' });
    const env = { HTTPS_PROXY: 'http://ada:hunter2@secure.example:3128', http_proxy: 'plain.example:3128' };
    expect((await runIn(rootDirectory, ['config', 'check'], env)).stdout).toBe(
      [
        'The configuration is valid. Enabled providers: only the offline models',
        'Providers with https addresses are called through http://secure.example:3128 (HTTPS_PROXY).',
        'Providers with http addresses are called through http://plain.example:3128 (HTTP_PROXY).',
        'Keys, addresses and DATABASE_URL were not tested.\n',
      ].join('\n'),
    );
  });

  it('enables no provider when USE_MOCK is true', async () => {
    const rootDirectory = folderWith({ dotEnv: 'ACME_KEY=sk-secret\nUSE_MOCK=true\n', models: MODELS });
    const { stdout } = await runIn(rootDirectory, ['config', 'check']);
    expect(stdout).toMatch(/Enabled providers: only the offline models, because USE_MOCK is true\n/);
    expect(JSON.parse((await runIn(rootDirectory, ['config', 'check', '--json'])).stdout)).toMatchObject({ providers: [] });
  });

  it.each([['config', 'check'], ['start']])(
    'lists every problem of the settings, .env and MODELS_FILE together in prodigon %s, before anything starts',
    async (...args) => {
      const rootDirectory = folderWith({
        dotEnv: 'API_KEY=0123456789abcdef\nLOG_LEVEL=loud\nAPI_KEYS=short\n',
        models: MODELS.replace('key_variable', 'key_varible'),
      });
      const { code, stderr } = await runIn(rootDirectory, args);
      expect({ code, problems: stderr.trim().split('\n').slice(1) }).toEqual({
        code: 78,
        problems: [
          '  LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud")',
          '  Item 1 of API_KEYS has a key of fewer than 16 characters',
          '  config/models.yaml:4: providers › acme › key_varible: is not a field. Did you mean "key_variable"?',
        ],
      });
      expect(existsSync(join(rootDirectory, 'data'))).toBe(false);
    },
  );

  it('prints JSON with --json', async () => {
    const rootDirectory = folderWith({ dotEnv: 'ACME_KEY=sk-secret\nOTHER_TOOL=1\n', models: MODELS });
    expect(JSON.parse((await runIn(rootDirectory, ['config', 'check', '--json'])).stdout)).toEqual({
      providers: ['acme'],
      proxies: [],
      warnings: ['.env sets OTHER_TOOL, which Prodigon does not know'],
    });
  });

  it('rejects a misspelled setting in .env', async () => {
    const rootDirectory = folderWith({ dotEnv: 'API_KEY=0123456789abcdef\n', models: MODELS });
    expect(await runIn(rootDirectory, ['start'])).toEqual({
      code: 78,
      stdout: '',
      stderr: 'The configuration has a problem:\n  .env sets API_KEY, which Prodigon does not know. Did you mean API_KEYS?\n',
    });
  });
});
