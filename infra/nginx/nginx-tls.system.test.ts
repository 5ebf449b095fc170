import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAMS, requireProgram, reserveNginxPorts, startNginx } from '@prodigon/testing';
import { expect, it, onTestFinished } from 'vitest';
import { listen } from './nginx.test-support.ts';

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
    'subjectAltName=DNS:localhost',
  ];
  execFileSync(requireProgram(PROGRAMS.openssl), ['req', '-x509', ...options, ...files], { stdio: 'ignore' });
  return folder;
}

it('serves HTTPS with the mounted certificate and redirects HTTP to it', async () => {
  const certificates = createCertificate();
  const ports = await reserveNginxPorts(80, 443);
  const gateway = await listen(({ headers }, response) => response.end(headers['x-forwarded-proto']));
  const nginx = await startNginx({
    configuration: 'nginx-tls.conf',
    ports,
    upstreams: { 'gateway:8000': [gateway] },
    paths: { '/etc/nginx/certificates': certificates },
  });
  onTestFinished(() => nginx.close());

  const url = `https://localhost:${ports[443]}/v1/models`;
  const options = { ca: readFileSync(join(certificates, 'tls.crt')), host: '127.0.0.1', servername: 'localhost' };
  const [response] = (await once(get(url, options), 'response')) as [IncomingMessage];
  expect([response.statusCode, response.headers['strict-transport-security']]).toEqual([200, 'max-age=31536000']);
  expect(String((await response.toArray()).join(''))).toBe('https');

  const redirect = await fetch(`http://127.0.0.1:${ports[80]}/chat?a=1`, { redirect: 'manual', headers: { host: 'localhost' } });
  expect([redirect.status, redirect.headers.get('location')]).toEqual([308, 'https://127.0.0.1/chat?a=1']);
});
