import type { AppError } from '@prodigon/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLifecycle } from '../lifecycle/graceful-shutdown.ts';
import { createCallContext, createInternalContextFactory } from './call-context.ts';
import { responseScope } from './call-scope.ts';
import { encodePrincipal, INTERNAL_HEADERS } from './internal-protocol.ts';

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(headers: Record<string, string> = {}) {
  const request = { id: 'request-1', traceparent: 'trace-1', headers, isClosed: false, closers: [] as (() => void)[] };
  const reply = { request, raw: { writableEnded: false }, header: vi.fn() };
  const close = () => {
    request.isClosed = true;
    for (const closer of request.closers) closer();
  };
  const lifecycle = createLifecycle({ drainTimeoutMs: 1_000 });
  return {
    request: request as unknown as FastifyRequest,
    reply: reply as unknown as FastifyReply,
    raw: reply.raw,
    header: reply.header,
    close,
    lifecycle,
  };
}

const errorOf = (action: () => unknown): AppError => {
  try {
    action();
  } catch (error) {
    return error as AppError;
  }
  throw new Error('It did not throw.');
};

describe('the context of a call', () => {
  const create = ({ request, reply, lifecycle }: ReturnType<typeof setUp>) =>
    createCallContext(request, responseScope(reply), { lifecycle, timeoutMs: 500, principal: { id: 'local' }, attemptsMax: 3 });

  it('identifies the request and has its deadline after the timeout', () => {
    const context = create(setUp());
    expect(context).toMatchObject({ requestId: 'request-1', traceparent: 'trace-1', principal: { id: 'local' }, attemptsMax: 3 });
    expect(context.deadline).toBe(performance.now() + 500);
  });

  it('aborts when the deadline passes', () => {
    const { signal } = create(setUp());
    vi.advanceTimersByTime(499);
    expect(signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('aborts when the client disconnects before the response has ended', () => {
    const call = setUp();
    const { signal } = create(call);
    expect(call.lifecycle.activeCalls).toBe(1);
    call.close();
    expect(signal.reason).toMatchObject({ code: 'CANCELLED' });
    expect([call.lifecycle.activeCalls, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('does not abort when the response has ended, and releases its timer and its call', () => {
    const call = setUp();
    const { signal } = create(call);
    call.raw.writableEnded = true;
    call.close();
    expect(signal.aborted).toBe(false);
    expect([call.lifecycle.activeCalls, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('is not created while the process drains', () => {
    const call = setUp();
    void call.lifecycle.drain();
    expect(errorOf(() => create(call))).toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 });
    expect([call.lifecycle.activeCalls, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('the context of a call from another service', () => {
  function createWith(headers: Record<string, string>) {
    const call = setUp(headers);
    const context = createInternalContextFactory({ lifecycle: call.lifecycle, timeoutMs: 500 })(call.request, call.reply);
    return { ...call, context, timeLeftMs: context.deadline - performance.now() };
  }

  it.each([
    ['the time left of the caller', '200', 200],
    ['at most its own timeout', '501', 500],
    ['its own timeout for an absent time', undefined, 500],
    ['its own timeout for an invalid time', 'soon', 500],
    ['its own timeout for no time', '0', 500],
  ])('has %s', (_case, timeLeft, expected) => {
    expect(createWith(timeLeft === undefined ? {} : { [INTERNAL_HEADERS.timeLeft]: timeLeft }).timeLeftMs).toBe(expected);
  });

  it('takes the principal and the maximum of provider calls from the headers', () => {
    const principal = { id: 'Ada Lovelace, 1815', role: 'admin', keyId: 'environment:größe' } as const;
    const headers = { ...encodePrincipal(principal), [INTERNAL_HEADERS.attemptsMax]: '1' };
    expect(createWith(headers).context).toMatchObject({ principal, attemptsMax: 1 });
    expect(createWith(encodePrincipal({ id: 'ada' })).context.principal).toEqual({ id: 'ada', role: 'member' });
    expect(createWith({ [INTERNAL_HEADERS.attemptsMax]: '0' }).context).toMatchObject({ principal: { id: 'local' } });
    expect(createWith({ [INTERNAL_HEADERS.attemptsMax]: '0' }).context.attemptsMax).toBeUndefined();
    expect(createWith({}).header).not.toHaveBeenCalled();
  });

  it.each(['http://localhost:8000', ''])('takes the start of links from the headers: "%s"', (linkBase) => {
    expect(createWith({ [INTERNAL_HEADERS.linkBase]: linkBase }).context.linkBase).toBe(linkBase);
    expect(createWith({}).context.linkBase).toBeUndefined();
  });

  it('marks a rejection while draining, so that another replica may process the request', () => {
    const { request, reply, header, lifecycle } = setUp();
    void lifecycle.drain();
    const create = createInternalContextFactory({ lifecycle, timeoutMs: 500 });
    expect(errorOf(() => create(request, reply)).code).toBe('SERVICE_UNAVAILABLE');
    expect(header).toHaveBeenCalledWith(INTERNAL_HEADERS.rejected, 'draining');
  });
});
