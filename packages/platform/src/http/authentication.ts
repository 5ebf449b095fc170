import { hash, timingSafeEqual } from 'node:crypto';
import { API_KEY_PREFIX, AppError, LOCAL_OWNER } from '@prodigon/contracts';
import type { AuthenticatedKey, KeyDirectory, Principal, WrongKeyLimiter } from '@prodigon/ports';
import type { FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';

/**
 * The clients that a route admits: all (`public`), API clients (`caller`), admins (`admin`), operator tools such as
 * a metrics scraper (`operator`) or the other services (`internal`).
 */
export type RouteAccess = 'public' | 'caller' | 'admin' | 'operator' | 'internal';

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: RouteAccess;
    /** Whether the body may be large and take long to arrive. */
    isUpload?: boolean;
    /** Whether probes and metrics scrapers call the route. */
    isOperational?: boolean;
    /** Public files that frames without an origin, and other websites, may request. */
    isPublicFile?: true;
  }
  interface FastifyRequest {
    /** Who makes the call. Null on routes that are not for API clients. */
    principal: Principal | null;
  }
}

export interface ClientAuthentication {
  readonly keys: Pick<KeyDirectory, 'authenticate'>;
  /** Whether clients need a key. Without one, they are the owner `local`, an admin. */
  readonly isKeyRequired: boolean;
  readonly wrongKeys?: WrongKeyLimiter | undefined;
}

export interface AuthenticationOptions {
  /** Absent on servers for other services only. */
  readonly clients?: ClientAuthentication | undefined;
  readonly internalToken: string;
  /** Whether metrics need no key, for servers that only this machine can reach. */
  readonly openMetrics: boolean;
}

/** The principal of clients that need no key, and of the command line on the machine of the platform. */
const LOCAL_PRINCIPAL: Principal = { id: LOCAL_OWNER, role: 'admin' };

const NO_CLIENTS: ClientAuthentication = { keys: { authenticate: () => null }, isKeyRequired: true };

/** Checks the credentials of every request against its route's `access`. The server does not start when a route has none. */
export const authentication = fp<AuthenticationOptions>(async (app, { clients = NO_CLIENTS, internalToken, openMetrics }) => {
  const isInternal = createTokenCheck(internalToken);
  const identify = createIdentification(clients, isInternal);
  app.decorateRequest('principal', null);

  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push(route);
  });
  app.addHook('onReady', async () => {
    const unprotected = routes.filter(({ config }) => !config?.access).map(({ method, url }) => `${method} ${url}`);
    if (unprotected.length > 0) throw new Error(`These routes do not declare their access: ${unprotected.join(', ')}`);
  });

  /** Throws when the route does not admit the client. Returns a promise only if the check of a key has to wait. */
  function admit(request: FastifyRequest): void | Promise<void> {
    // An unknown path has no access and returns 404 to anyone.
    const access = request.routeOptions.config.access ?? 'public';
    if (access === 'public') return;
    const bearer = bearerOf(request.headers.authorization);
    if (access === 'internal' || access === 'operator') {
      if (isInternal(bearer)) return;
      if (access === 'internal') throw new AppError('UNAUTHENTICATED');
    }
    const identified = identify(bearer, request);
    const admitIdentity = (identity: Identity) => {
      if (access === 'operator' && identity === LOCAL_OWNER && !openMetrics) throw new AppError('UNAUTHENTICATED');
      setPrincipal(request, access, identity);
    };
    return identified instanceof Promise ? identified.then(admitIdentity) : admitIdentity(identified);
  }

  app.addHook('onRequest', (request, _reply, done) => {
    try {
      const admitted = admit(request);
      if (admitted) admitted.then(() => done(), done);
      else done();
    } catch (thrown) {
      done(thrown as Error);
    }
  });
});

/** A valid key, or `local`. */
type Identity = AuthenticatedKey | typeof LOCAL_OWNER;

function setPrincipal(request: FastifyRequest, access: RouteAccess, identity: Identity): void {
  if (identity === LOCAL_OWNER) {
    request.principal = LOCAL_PRINCIPAL;
    return;
  }
  const { name, ownerId, role } = identity;
  request.principal = principalOf(identity);
  request.record.owner = ownerId;
  request.record.key = name;
  if (access === 'admin' && role !== 'admin') throw new AppError('FORBIDDEN', 'Only admins may do this.');
}

const principals = new WeakMap<AuthenticatedKey, Principal>();

/** Returns the same principal for all requests until the key changes, which replaces its record. */
function principalOf(key: AuthenticatedKey): Principal {
  let principal = principals.get(key);
  if (!principal) {
    const { id: keyId, ownerId, role, isValueReplaced } = key;
    principal = { id: ownerId, role, keyId, ...(isValueReplaced && { isValueReplaced }) };
    principals.set(key, principal);
  }
  return principal;
}

/** Returns a function that identifies an API client. It throws `UNAUTHENTICATED`, or `RATE_LIMITED` after too many wrong keys. */
function createIdentification(
  { keys, isKeyRequired, wrongKeys }: ClientAuthentication,
  isInternal: (key: string | undefined) => boolean,
): (bearer: string | undefined, request: FastifyRequest) => Identity | Promise<Identity> {
  function rejectWrongKey({ ip }: FastifyRequest): never | Promise<never> {
    const retryAfterSeconds = wrongKeys?.check(ip) ?? null;
    if (retryAfterSeconds instanceof Promise) return retryAfterSeconds.then(throwWrongKey);
    return throwWrongKey(retryAfterSeconds);
  }

  return (bearer, request) => {
    if (bearer === undefined) {
      if (isKeyRequired) throw new AppError('UNAUTHENTICATED');
      return LOCAL_OWNER;
    }
    const identify = (key: AuthenticatedKey | null): Identity | Promise<Identity> => {
      if (key) return key;
      // Clients of OpenAI insist on a key. One of the platform that is not valid must not become `local`.
      const isLocal = isInternal(bearer) || (!isKeyRequired && !bearer.startsWith(API_KEY_PREFIX));
      return isLocal ? LOCAL_OWNER : rejectWrongKey(request);
    };
    const key = keys.authenticate(bearer);
    return key instanceof Promise ? key.then(identify) : identify(key);
  };
}

function throwWrongKey(retryAfterSeconds: number | null): never {
  if (retryAfterSeconds === null) throw new AppError('UNAUTHENTICATED');
  throw new AppError('RATE_LIMITED', 'This address has sent too many wrong API keys. Retry later.', { retryAfterSeconds });
}

/** Returns the key in an `Authorization` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
}

/** Compares digests in constant time, so that response times reveal neither the length nor a prefix of the token. */
export function createTokenCheck(token: string): (given: string | undefined) => boolean {
  // A hash as text costs a third of one as a buffer.
  const digest = (text: string) => Buffer.from(hash('sha256', text, 'binary'), 'latin1');
  const known = digest(token);
  return (given) => given !== undefined && timingSafeEqual(known, digest(given));
}
