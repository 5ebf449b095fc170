import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveInternalToken } from '@prodigon/platform/configuration';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { locateGateway } from './locate-gateway.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import { writeState } from './state-file.ts';

const SELF = identifyProcess(process.pid) as ProcessIdentity;
const API_KEYS = 'first-key-of-this-machine,second-key-of-this-machine';
let rootDirectory: string;

beforeEach(() => {
  rootDirectory = mkdtempSync(join(tmpdir(), 'prodigon-locate-'));
  onTestFinished(() => rmSync(rootDirectory, { recursive: true }));
});

const locate = (env: NodeJS.ProcessEnv, url?: string, isOperator?: boolean) =>
  locateGateway({ env, rootDirectory, url, isOperator });

function record(url: string | null, { supervisor = SELF, only = null as 'gateway' | null } = {}): void {
  writeState(join(rootDirectory, '.prodigon'), {
    ...{ version: '0.1.0', topology: 'services', started_at: new Date(0).toISOString() },
    ...{ supervisor, only, url, processes: [] },
  });
}

describe('the gateway URL', () => {
  it.each([
    [{}, 'http://127.0.0.1:8000'],
    [{ HOST: '0.0.0.0', GATEWAY_PORT: '9000', API_KEYS }, 'http://127.0.0.1:9000'],
    [{ HOST: '::', API_KEYS }, 'http://[::1]:8000'],
    [{ HOST: '::1' }, 'http://[::1]:8000'],
    [{ HOST: 'localhost' }, 'http://localhost:8000'],
  ])('is the configured address when no stack is running: %j', (env, url) => {
    expect(locate(env).url).toBe(url);
  });

  it('is the address of the running platform', () => {
    record('http://127.0.0.1:4001');
    record('http://127.0.0.1:4002', { only: 'gateway' });
    expect(locate({}).url).toBe('http://127.0.0.1:4001');
  });

  it('is the address of a running standalone gateway', () => {
    record('http://127.0.0.1:4002', { only: 'gateway' });
    expect(locate({}).url).toBe('http://127.0.0.1:4002');
  });

  it('is the configured address when the platform has crashed or does not listen yet', () => {
    record('http://127.0.0.1:4001', { supervisor: { pid: process.pid, started: 'another boot 1' } });
    expect(locate({}).url).toBe('http://127.0.0.1:8000');
    record(null);
    expect(locate({}).url).toBe('http://127.0.0.1:8000');
  });

  it('is the given URL without trailing slashes', () => {
    record('http://127.0.0.1:4001');
    expect(locate({}, 'http://elsewhere.example/path//').url).toBe('http://elsewhere.example/path');
  });
});

describe('the API key', () => {
  it('is the first of API_KEYS, but only for a gateway on this machine', () => {
    expect(locate({ API_KEYS }).apiKey).toBe('first-key-of-this-machine');
    expect(locate({ API_KEYS: `ada=${API_KEYS}` }).apiKey).toBe('first-key-of-this-machine');
    expect(locate({ API_KEYS }, 'https://elsewhere.example').apiKey).toBeUndefined();
  });

  it('is PRODIGON_API_KEY rather than one of API_KEYS', () => {
    expect(locate({ API_KEYS, PRODIGON_API_KEY: 'mine' }).apiKey).toBe('mine');
    expect(locate({ PRODIGON_API_KEY: 'mine' }, 'https://elsewhere.example').apiKey).toBe('mine');
  });

  describe.each([true, false])('with the internal token of a running gateway (configured: %s)', (isConfigured) => {
    const URL = 'http://127.0.0.1:4001';
    const INTERNAL_TOKEN = isConfigured ? 'token-of-the-services' : '';
    const tokenOf = () => INTERNAL_TOKEN || resolveInternalToken(undefined, join(rootDirectory, '.prodigon'));
    beforeEach(() => record(URL));

    it('is the token for the operator, unless PRODIGON_API_KEY is set', () => {
      const token = tokenOf();
      for (const env of [{}, { API_KEYS }, { REQUIRE_API_KEY: 'on' }])
        expect(locate({ INTERNAL_TOKEN, ...env }, undefined, true).apiKey).toBe(token);
      expect(locate({ INTERNAL_TOKEN, PRODIGON_API_KEY: 'mine' }, undefined, true).apiKey).toBe('mine');
    });

    it('is the token for every command if the gateway requires a key and API_KEYS is empty', () => {
      const token = tokenOf();
      expect(locate({ INTERNAL_TOKEN, REQUIRE_API_KEY: 'on' }).apiKey).toBe(token);
      expect(locate({ INTERNAL_TOKEN, REQUIRE_API_KEY: 'on' }, `${URL}/`).apiKey).toBe(token);
      expect(locate({ INTERNAL_TOKEN }).apiKey).toBeUndefined();
    });

    it.each(['https://elsewhere.example', 'http://127.0.0.1:4009', 'http://localhost:4001'])('is not the token for %s', (url) => {
      tokenOf();
      expect(locate({ INTERNAL_TOKEN, REQUIRE_API_KEY: 'on' }, url, true).apiKey).toBeUndefined();
    });

    it('is not the token for a running gateway at an address of the network', () => {
      tokenOf();
      record('http://10.0.0.5:4001');
      expect(locate({ INTERNAL_TOKEN, REQUIRE_API_KEY: 'on' }, undefined, true).apiKey).toBeUndefined();
    });
  });

  it('is never the internal token when no gateway is running', () => {
    resolveInternalToken(undefined, join(rootDirectory, '.prodigon'));
    expect(locate({ REQUIRE_API_KEY: 'on' }, undefined, true).apiKey).toBeUndefined();
    expect(locate({ API_KEYS }, undefined, true).apiKey).toBe('first-key-of-this-machine');
  });

  it('is undefined when the gateway needs none, and for the operator without a token', () => {
    record('http://127.0.0.1:4001');
    expect(locate({}, undefined, true).apiKey).toBeUndefined();
    expect(locate({}).apiKey).toBeUndefined();
  });
});
