import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@prodigon/stack';
import { PEERS_FOLDER } from '../common/install-packages.ts';
import { startProcess } from '../common/measured-process.ts';
import { createRunningPeer, type Peer } from './peer.ts';

const VERSION = '1.106.12';
const FOLDER = join(PEERS_FOLDER, 'litellm');
const MASTER_KEY = 'sk-key-of-the-bench';
/** LiteLLM routes by exact model names. */
const MODELS = ['burst-200', 'burst-25', 'paced-50-25'];

/** LiteLLM's proxy with one worker, a master key and without a database, as its documentation starts it. */
export const litellm: Peer = {
  name: `LiteLLM ${VERSION}`,
  hops: 1,
  requirement: () => (hasPython() ? null : 'LiteLLM is skipped: its proxy needs python3 with venv on PATH.'),
  async start({ providerUrl, env }) {
    installLitellm();
    const directory = mkdtempSync(join(tmpdir(), 'prodigon-litellm-'));
    const file = join(directory, 'config.json');
    // Every JSON document is valid YAML.
    writeFileSync(file, JSON.stringify(configurationFor(providerUrl)));
    const port = await findFreePort();
    const server = await startProcess({
      program: join(FOLDER, 'bin/litellm'),
      parameters: ['--config', file, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
      // Otherwise it downloads a price list when it starts.
      env: { ...env, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR' },
      url: `http://127.0.0.1:${port}`,
    });
    const peer = createRunningPeer([server], { authorization: `Bearer ${MASTER_KEY}` });
    return {
      ...peer,
      forwardsHeaders: false,
      loadShare: 0.1,
      async close() {
        await peer.close();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

const configurationFor = (providerUrl: string) => ({
  model_list: MODELS.map((model) => ({
    model_name: model,
    litellm_params: { model: `openai/${model}`, api_base: `${providerUrl}/v1`, api_key: 'key-of-the-bench' },
  })),
  general_settings: { master_key: MASTER_KEY },
  litellm_settings: { telemetry: false },
});

function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' }).status === 0;
}

/** Installs exactly this version into a virtual environment, unless it is installed. Throws when pip fails. */
function installLitellm(): void {
  const marker = join(FOLDER, 'installed-version');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === VERSION) return;
  process.stdout.write(`Installing LiteLLM ${VERSION} into bench/.peers, about 750 MB ...\n`);
  mkdirSync(PEERS_FOLDER, { recursive: true });
  run('python3', ['-m', 'venv', '--clear', FOLDER]);
  run(join(FOLDER, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', `litellm[proxy]==${VERSION}`]);
  writeFileSync(marker, VERSION);
}

function run(program: string, parameters: readonly string[]): void {
  const { status } = spawnSync(program, parameters, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${program} could not install LiteLLM.`);
}
