import { globSync, readFileSync } from 'node:fs';
import { matchesGlob, relative, resolve } from 'node:path';
import { SETTINGS, type Setting } from '@prodigon/platform';
import { NODE_FLAGS } from '@prodigon/stack';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');

interface Service {
  readonly image: string;
  readonly build?: { readonly target: string; readonly args: Record<string, string> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly deploy?: { readonly replicas: string };
}
const compose: { services: Record<string, Service> } = parse(read('compose.yaml'), { merge: true });
const services = Object.entries(compose.services);
/** A variable in a Compose file. */
const variable = (name: string, fallback: string) => `$\{${name}:-${fallback}}`;
const dockerfile = read('Dockerfile');

/** Settings that the images or compose.yaml determine, or that have no effect in containers. */
const FIXED =
  `HOST INTERNAL_HOST GATEWAY_PORT MODEL_PORT MODEL_GRPC_PORT WORKER_PORT CHAT_PORT LAB_PORT LAB_SERVICE_URL LABS DATA_DIR
  CONTENT_DIRS MODEL_TRANSPORT MODEL_GRPC_URL MODEL_REQUESTS_PER_CONNECTION MODELS_FILE`.split(/\s+/);

describe('compose.yaml', () => {
  it('passes every setting on, or determines it, and takes secrets from files only', () => {
    const passed = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const settings = Object.entries<Setting>(SETTINGS);
    const missing = settings.filter(([name, { secret }]) => !secret && !passed.includes(name) && !FIXED.includes(name));
    expect(missing.map(([name]) => name)).toEqual([]);
    expect(passed.filter((name) => settings.some(([known, { secret }]) => secret && known === name))).toEqual([]);
  });

  it('has the defaults of the settings, unless containers need others', () => {
    const others: Record<string, string> = {
      ALLOW_ANONYMOUS: 'true',
      // nginx learns that a gateway stops when it can no longer connect.
      DRAIN_NOTICE_MS: '2000',
      ENVIRONMENT: 'production',
      // The health overview shows each container of the gateway.
      GATEWAY_SERVICE_URL: 'http://gateway:8000',
    };
    for (const [, { environment = {} }] of services)
      for (const [name, value] of Object.entries(environment)) {
        const [, named, fallback = ''] = /^\$\{(\w+):-(.*)\}$/.exec(value) ?? [];
        if (named === undefined) continue;
        const { default: known } = SETTINGS[name as keyof typeof SETTINGS];
        expect([name, named, fallback.trim()]).toEqual([name, name, others[name] ?? known]);
        // podman-compose 1.0.3 does not replace a variable with an empty default.
        expect(fallback).not.toBe('');
      }
  });

  it('publishes nginx only, on the loopback address only', () => {
    expect(services.filter(([, { ports }]) => ports).map(([name, { ports }]) => [name, ports])).toEqual([
      ['nginx', [`127.0.0.1:${variable('HTTP_PORT', '80')}:80`]],
    ]);
  });

  it('builds a target of the Dockerfile for each image of its own, from base images that a variable names', () => {
    const targets = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => name);
    for (const [, { image, build }] of services.filter(([, { build }]) => build)) {
      expect(image).toBe(`prodigon-${build?.target}`);
      expect(targets).toContain(build?.target);
      expect(build?.args).toEqual({
        NODE_IMAGE: variable('NODE_IMAGE', 'node:24-bookworm-slim'),
        NGINX_IMAGE: variable('NGINX_IMAGE', 'nginx:stable'),
      });
    }
  });
});

describe('the files that images are built from', () => {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));

  it('are listed, so that no other file, such as a key or a backup, can be in an image', () => {
    expect(rules[0]).toBe('*');
    const listed = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    expect(listed.filter((name) => globSync(name, { cwd: ROOT }).length === 0)).toEqual([]);
    for (const name of ['secrets', 'certificates', '.env', '.git', 'my', '.prodigon', 'backup.dump'])
      expect(listed.filter((pattern) => matchesGlob(name, pattern))).toEqual([]);
  });

  it('include every file that a page of the documentation links to', () => {
    const pages = ['README.md', ...globSync('{docs,workshop}/**/*.md', { cwd: ROOT })];
    const linked = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link = '']) =>
        relative(ROOT, resolve(ROOT, page, '..', link)),
      ),
    );
    const roots = new Set(linked.map((path) => path.split('/')[0] ?? ''));
    expect(roots.size).toBeGreaterThan(10);
    expect([...roots].filter((name) => !rules.some((rule) => matchesGlob(name, rule.slice(1))))).toEqual([]);
  });
});

it('compose.observability.yaml names exact versions of its images', () => {
  const { services: added }: typeof compose = parse(read('compose.observability.yaml'));
  for (const [name, { image }] of Object.entries(added)) expect(image, name).toMatch(/:v?\d+\.\d+\.\d+\}$/);
});

describe('the Dockerfile', () => {
  it.each(['gateway', 'model', 'worker'] as const)('starts the %s with the flags of Node that the supervisor uses', (service) => {
    const [, target = ''] = dockerfile.split(new RegExp(`^FROM service AS ${service}$`, 'm'));
    const [, entrypoint = '[]'] = /^ENTRYPOINT (.+)$/m.exec(target) ?? [];
    expect(JSON.parse(entrypoint)).toEqual(['node', ...NODE_FLAGS[service], 'infra/container/start-service.mjs']);
  });

  it('uses no shell to start or check a container', () => {
    const commands = [...dockerfile.matchAll(/^(?:ENTRYPOINT|HEALTHCHECK.*? CMD|CMD) (.+)$/gm)].map(
      ([, command = '']) => command,
    );
    expect(commands.length).toBeGreaterThan(10);
    for (const command of commands) expect(command).toMatch(/^\[.*\]$/);
  });
});
