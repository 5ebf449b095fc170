import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAMS, requireProgram, reserveNginxPorts, startNginx } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { DEAD_ADDRESS, listen } from './nginx.test-support.ts';

/** Creates a certificate of localhost until the test ends. */
function createCertificate(): string {
  const folder = mkdtempSync(join(tmpdir(), 'prodigon-certificate-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.crt')];
  const options = [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost,DNS:prodigon.example.com',
  ];
  execFileSync(requireProgram(PROGRAMS.openssl), ['req', '-x509', ...options, ...files], { stdio: 'ignore' });
  return folder;
}

/** Starts nginx with HTTPS in front of a gateway that returns the protocol of the client, and without a frontend. */
async function startTls(httpsPort?: number) {
  const certificates = createCertificate();
  const ports = await reserveNginxPorts(80, 443);
  const gateway = await listen(({ headers }, response) => response.end(headers['x-forwarded-proto']));
  const nginx = await startNginx({
    configuration: 'nginx-tls.conf',
    ports,
    upstreams: { 'gateway:8000': [gateway], 'frontend:3000': [DEAD_ADDRESS] },
    paths: { '/etc/nginx/certificates': certificates },
    ...(httpsPort !== undefined && { files: { 'https-port.conf': `set $https_port :${httpsPort};` } }),
  });
  onTestFinished(() => nginx.close());
  const ca = readFileSync(join(certificates, 'tls.crt'));
  return {
    async get(path: string, host: string) {
      const options = { ca, host: '127.0.0.1', port: ports[443], path, servername: host, headers: { host } };
      const [response] = (await once(get(options), 'response')) as [IncomingMessage];
      return { status: response.statusCode, headers: response.headers, text: (await response.toArray()).join('') };
    },
    async redirectOf(path: string) {
      const { status, headers } = await fetch(`http://127.0.0.1:${ports[80]}${path}`, { redirect: 'manual' });
      return [status, headers.get('location')];
    },
  };
}

it('serves HTTPS with the mounted certificate and redirects HTTP to it', async () => {
  const { get, redirectOf } = await startTls();
  expect(await get('/v1/models', 'localhost')).toMatchObject({ status: 200, text: 'https' });
  expect(await redirectOf('/chat?a=1')).toEqual([308, 'https://127.0.0.1/chat?a=1']);
});

it('redirects to the port that start-nginx.sh names', async () => {
  const { redirectOf } = await startTls(8443);
  expect(await redirectOf('/chat?a=1')).toEqual([308, 'https://127.0.0.1:8443/chat?a=1']);
});

it('tells browsers to use HTTPS only, also with its own errors, but not for this machine', async () => {
  const { get } = await startTls();
  for (const [path, status] of [
    ['/v1/models', 200],
    ['/chat', 503],
    ['/metrics', 404],
  ] as const) {
    const { headers, ...response } = await get(path, 'prodigon.example.com');
    expect([response.status, headers['strict-transport-security']]).toEqual([status, 'max-age=31536000']);
  }
  expect((await get('/v1/models', 'localhost')).headers['strict-transport-security']).toBeUndefined();
});
