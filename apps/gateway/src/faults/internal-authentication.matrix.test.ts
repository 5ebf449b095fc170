import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { errorBodySchema } from '@prodigon/contracts';
import { InferenceServiceClient } from '@prodigon/contracts/grpc';
import { toMetadata } from '@prodigon/platform/grpc';
import { AppStartError, matrixDeployments, sharedDeployment, startDeployment } from '@prodigon/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deploy, LONG_TEST_MS } from './deployment.test-support.ts';
import { type ServiceRoute, serviceRoutes } from './service-routes.test-support.ts';

const TOKEN = 'token-of-these-tests-0123';
const API_KEYS = 'key-of-a-caller-0123456789';

/** Credentials that an attacker may try. */
const FORGED: Record<string, Record<string, string>> = {
  'no token': {},
  'an empty token': { authorization: 'Bearer ' },
  'a token with one wrong character': { authorization: `Bearer ${TOKEN.slice(0, -1)}4` },
  'the token with a suffix': { authorization: `Bearer ${TOKEN}0` },
  'two tokens': { authorization: `Bearer wrong ${TOKEN}` },
  'the token with another scheme': { authorization: `Basic ${TOKEN}` },
  'an API key of the gateway': { authorization: `Bearer ${API_KEYS}` },
  'headers that name a user or a proxy': {
    'x-user-id': 'admin',
    'x-prodigon-principal': 'local',
    'x-forwarded-for': '127.0.0.1',
    'x-internal-token': TOKEN,
    cookie: `token=${TOKEN}`,
  },
};

async function requestHttp2(url: string, { method, path }: ServiceRoute, headers: Record<string, string>) {
  const session = connectHttp2(url);
  const stream = session.request({ ':method': method, ':path': path, 'content-type': 'application/json', ...headers });
  stream.end(method === 'POST' ? '{}' : undefined);
  const [response] = await once(stream, 'response');
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += part;
  session.close();
  return { status: Number(response[':status']), text };
}

async function requestHttp1(url: string, { method, path }: ServiceRoute, headers: Record<string, string>) {
  const all = { 'content-type': 'application/json', ...headers };
  const response = await fetch(`${url}${path}`, { method, headers: all, ...(method === 'POST' && { body: '{}' }) });
  if (method !== 'HEAD' && !response.ok) return { status: response.status, text: await response.text() };
  // Streams of events never end.
  await response.body?.cancel();
  return { status: response.status, text: '' };
}

const canConnect = async (host: string, port: number): Promise<boolean> => {
  const socket = connect(port, host);
  const [isConnected] = await Promise.race([
    once(socket, 'connect').then(() => [true]),
    new Promise<[boolean]>((resolve) => socket.once('error', () => resolve([false]))),
  ]);
  socket.destroy();
  return isConnected === true;
};

describe.each(matrixDeployments('services').filter((name) => name !== 'monolith'))('%s', (name) => {
  it(
    'rejects forged credentials at every internal route, over HTTP/1.1 and HTTP/2',
    async () => {
      const { models, workers, provider } = await deploy(name, { env: { API_KEYS } });
      const routes = { model: await serviceRoutes('model'), worker: await serviceRoutes('worker') };
      expect(routes.model.length).toBeGreaterThan(8);
      expect(routes.worker.length).toBeGreaterThan(15);
      for (const [service, apps] of [
        ['model', models],
        ['worker', workers],
      ] as const) {
        for (const { url } of apps) {
          for (const route of routes[service]) {
            const isPublic = ['/health', '/livez', '/readyz'].includes(route.path);
            for (const [credentials, headers] of Object.entries(FORGED)) {
              for (const request of [requestHttp1, requestHttp2]) {
                const { status, text } = await request(url, route, headers);
                expect([route.method, route.path, credentials, status]).toEqual([
                  route.method,
                  route.path,
                  credentials,
                  isPublic ? 200 : 401,
                ]);
                if (!isPublic && route.method !== 'HEAD')
                  expect(errorBodySchema.parse(JSON.parse(text)).error.code).toBe('UNAUTHENTICATED');
              }
            }
            // The service accepts the correct token.
            expect((await requestHttp1(url, route, { authorization: `Bearer ${TOKEN}` })).status).not.toBe(401);
          }
        }
      }
      expect(provider.calls).toEqual([]);
    },
    LONG_TEST_MS,
  );
});

it.runIf(matrixDeployments('services over gRPC').length === 1)('rejects forged credentials at every gRPC call', async () => {
  const { models, provider } = await sharedDeployment('services over gRPC');
  const client = new InferenceServiceClient(new URL(models[0]?.grpcUrl ?? '').host, credentials.createInsecure());
  onTestFinished(() => client.close());
  const prompt = { $case: 'openaiRequest', value: Buffer.from('{"messages":[{"role":"user","content":"Hi"}]}') } as const;
  const calls: Record<string, (metadata: Metadata) => Promise<number>> = {
    generate: (metadata) => statusOf((done) => client.generate({ request: prompt }, metadata, done)),
    embed: (metadata) => statusOf((done) => client.embed({ request: prompt }, metadata, done)),
    listModels: (metadata) => statusOf((done) => client.listModels({ asJson: true }, metadata, done)),
    generateStream(metadata) {
      const stream = client.generateStream({ request: prompt, frameFormat: 3, generationId: 'g' }, metadata);
      stream.on('error', () => {}).resume();
      return new Promise((resolve) => stream.on('status', ({ code }) => resolve(code)));
    },
  };
  for (const [call, statusWith] of Object.entries(calls)) {
    for (const [forged, headers] of Object.entries(FORGED))
      expect([call, forged, await statusWith(toMetadata(headers))]).toEqual([call, forged, status.UNAUTHENTICATED]);
    expect(await statusWith(toMetadata({ authorization: `Bearer ${TOKEN}` }))).not.toBe(status.UNAUTHENTICATED);
  }
  // Only the calls with the correct token reach a provider.
  expect(provider.calls.length).toBeLessThanOrEqual(3);
});

const statusOf = (call: (done: (error: ServiceError | null) => void) => unknown) =>
  new Promise<number>((resolve) => call((error) => resolve(error?.code ?? status.OK)));

describe.each(matrixDeployments('services'))('%s', (name) => {
  it('listens on loopback only by default', async () => {
    const { processes } = await sharedDeployment(name);
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => address);
    for (const url of processes.flatMap(({ url, grpcUrl }) => [url, grpcUrl ?? []].flat())) {
      const port = Number(new URL(url).port);
      expect(await canConnect('127.0.0.1', port)).toBe(true);
      for (const address of ['127.0.0.2', ...addresses])
        expect([address, await canConnect(address, port)]).toEqual([address, false]);
    }
  });

  it('ignores headers that name another user', async () => {
    const { post, url } = await sharedDeployment(name);
    const forged = { headers: { 'x-user-id': 'mallory', 'x-prodigon-principal': 'mallory' } };
    const { job_id } = await (await post('/api/v1/jobs', { prompts: ['Hi'], model: 'healthy' }, forged)).json();
    expect((await fetch(`${url}/api/v1/jobs/${job_id}`)).status).toBe(200);
    expect((await fetch(`${url}/api/v1/jobs/${job_id}`, forged)).status).toBe(200);
  });

  it('refuses to listen on other interfaces without API keys', async () => {
    const failure = await startDeployment(name, { env: { HOST: '0.0.0.0' } }).then(
      (deployment) => deployment.close().then(() => 'It started.'),
      (thrown) => thrown,
    );
    expect(failure).toBeInstanceOf(AppStartError);
    expect(failure).toMatchObject({ exit: { code: 78 }, output: expect.stringContaining('API_KEYS') });
  });
});
