import { randomUUID } from 'node:crypto';
import type { Job } from '@prodigon/contracts';
import type { ChatStorage } from '@prodigon/storage';
import { expect, vi } from 'vitest';
import type { OnClose } from '../gateway-harness.test-support.ts';
import { ENDLESS, FAST, type JobTopology, startJobsPlatform } from '../jobs/jobs.test-support.ts';
import type { OwnedObject } from './ownership-cases.test-support.ts';

const ADMIN = 'key-of-the-admin-0123456789';
const WAIT = { timeout: 100_000, interval: 20 };
/** Headers that differ between any two responses. */
const VARYING = new Set(['date', 'x-request-id', 'x-process-time']);

/** The response to one request, as text without what differs between any two responses. */
export interface Reply {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

export interface RequestOptions {
  readonly body?: object | undefined;
  readonly headers?: Record<string, string>;
}

/** A client with a key of its own. */
export interface Member {
  readonly owner: string;
  readonly keyId: string;
  /** `route` is a method and a path. */
  call(route: string, options?: RequestOptions): Promise<Reply>;
  open(route: string, options?: RequestOptions & { signal?: AbortSignal }): Promise<Response>;
  /** Creates an object whose texts contain `canary-<owner>`, and returns its id. */
  create(object: OwnedObject): Promise<string>;
  /** Returns the properties of an object that only its owner may change. */
  read(object: OwnedObject, id: string): Promise<unknown>;
  /** Ends what the object still does. */
  dispose(object: OwnedObject, id: string): Promise<unknown>;
}

/** Starts a platform that requires keys, over a new database. */
export async function startOwnershipPlatform(topology: JobTopology, onClose: OnClose) {
  const platform = await startJobsPlatform(topology, { apiKeys: [`root:admin=${ADMIN}`] }, onClose);

  const { conversations, templates } = platform.chat as ChatStorage;

  function open(value: string, route: string, { body, headers, signal }: RequestOptions & { signal?: AbortSignal } = {}) {
    const [method = '', path = ''] = route.split(' ');
    return fetch(`${platform.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${value}`, ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  }

  async function call(value: string, ...request: [string, RequestOptions?]): Promise<Reply> {
    const response = await open(value, ...request);
    const headers = [...response.headers].filter(([name]) => !VARYING.has(name));
    const requestId = response.headers.get('x-request-id') ?? 'none';
    return {
      status: response.status,
      headers: headers.map((header) => header.join(': ')).join('\n'),
      body: (await response.text()).replaceAll(requestId, '<request>'),
    };
  }

  /** Creates a key of an owner, as an admin. */
  async function createKey(owner: string, rights: object = {}): Promise<{ id: string; key: string }> {
    const { status, body } = await call(ADMIN, 'POST /api/v1/keys', {
      body: { name: `canary-${owner} ${randomUUID().slice(0, 8)}`, owner, ...rights },
    });
    expect(status).toBe(201);
    return JSON.parse(body);
  }

  async function createMember(owner: string, rights: object = {}): Promise<Member> {
    const { id: keyId, key: value } = await createKey(owner, rights);
    const request = (...[route, options]: [string, RequestOptions?]) => call(value, route, options);

    async function waitForStatus(id: string, wanted: Job['status']): Promise<string> {
      await vi.waitFor(async () => {
        const { status, cancelling } = JSON.parse((await request(`GET /api/v1/jobs/${id}`)).body) as Job;
        expect([status, cancelling]).toEqual([wanted, false]);
      }, WAIT);
      return id;
    }
    async function submit(model: string): Promise<string> {
      const body = { name: `canary-${owner} job`, prompts: [`canary-${owner} prompt`], model };
      return JSON.parse((await request('POST /api/v1/jobs', { body })).body).job_id;
    }
    /** Starts a response in a new conversation, and returns its id. One that ends has ended then. */
    async function startResponse(model: string): Promise<string> {
      const { id } = await conversations.create(owner, {});
      const reading = new AbortController();
      const response = await open(value, `POST /api/v1/chat/sessions/${id}/turns`, {
        body: { content: `canary-${owner} question`, model },
        signal: reading.signal,
      });
      const [, generationId = ''] = (await readUntil(response, model === FAST ? 'event: done' : 'event: token')).split(
        /id: |:0\n/,
      );
      reading.abort();
      return generationId;
    }
    const cancel = (id: string) => request(`POST /api/v1/jobs/${id}/cancel`);
    const startJob = async () => waitForStatus(await submit(ENDLESS), 'running');
    const creators: Record<OwnedObject, () => Promise<string>> = {
      'finished job': async () => waitForStatus(await submit(FAST), 'completed'),
      'running job': startJob,
      async 'cancelled job'() {
        const id = await startJob();
        await cancel(id);
        return waitForStatus(id, 'cancelled');
      },
      conversation: async () => (await conversations.create(owner, { title: `canary-${owner} conversation` })).id,
      attachment: async () => {
        const body = { text: `canary-${owner} text` };
        return JSON.parse((await request(`POST /api/v1/chat/attachments?name=canary-${owner}`, { body })).body).id;
      },
      async message() {
        const { id } = await conversations.create(owner, { title: `canary-${owner} conversation` });
        const message = await conversations.addMessage(owner, id, { role: 'user', content: `canary-${owner} question` });
        return `${id}/messages/${message.id}`;
      },
      template: async () =>
        (await templates.create(owner, { name: `canary-${owner} ${randomUUID()}`, content: 'Hi', kind: 'question' })).id,
      'finished response': () => startResponse(FAST),
      'running response': () => startResponse(ENDLESS),
      key: async () =>
        JSON.parse((await request('POST /api/v1/keys', { body: { name: `canary-${owner} ${randomUUID()}` } })).body).id,
    };
    const pathOf = (object: OwnedObject, id: string) => {
      if (object === 'attachment') return `/api/v1/chat/attachments/${id}`;
      if (object.endsWith('response')) return `/api/v1/generations/${id}`;
      return object === 'key' ? `/api/v1/keys/${id}` : `/api/v1/jobs/${id}`;
    };
    return {
      owner,
      keyId,
      call: request,
      open: (route, options) => open(value, route, options),
      create: (object) => creators[object](),
      async read(object, id) {
        if (object === 'conversation' || object === 'message') return conversations.get(owner, id.slice(0, 36), {});
        if (object === 'template') return (await templates.list(owner)).find((template) => template.id === id);
        const { status, body } = await request(`GET ${pathOf(object, id)}`);
        const { name, cancelling, revoked_at, previous_expires_at, ...rest } = JSON.parse(body);
        return { code: status, name, cancelling, revoked_at, previous_expires_at, state: rest.status };
      },
      async dispose(object, id) {
        if (object.endsWith('job')) await cancel(id);
        if (object === 'running response') await request(`POST /api/v1/generations/${id}/cancel`);
      },
    };
  }

  const admin = { call: (...request: [string, RequestOptions?]) => call(ADMIN, ...request) };
  return { admin, createMember };
}
export type OwnershipPlatform = Awaited<ReturnType<typeof startOwnershipPlatform>>;

/** Reads a stream until it contains the text. */
async function readUntil(response: Response, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let received = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    received += decoder.decode(chunk, { stream: true });
    if (received.includes(text)) return received;
  }
  throw new Error('The stream ended.');
}
