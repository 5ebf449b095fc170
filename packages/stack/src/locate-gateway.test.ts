import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

const locate = (env: NodeJS.ProcessEnv, url?: string) => locateGateway({ env, rootDirectory, url });

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
    expect(locate({ API_KEYS }, 'https://elsewhere.example').apiKey).toBeUndefined();
  });

  it('is PRODIGON_API_KEY rather than one of API_KEYS', () => {
    expect(locate({ API_KEYS, PRODIGON_API_KEY: 'mine' }).apiKey).toBe('mine');
    expect(locate({ PRODIGON_API_KEY: 'mine' }, 'https://elsewhere.example').apiKey).toBe('mine');
  });

  it('is undefined when the gateway needs none', () => {
    expect(locate({}).apiKey).toBeUndefined();
  });
});
