import { onResponseClosed } from '@prodigon/platform';
import type { CallContext } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from './admission-control.ts';

/** Takes a place for as long as the response is open, and makes the context of the call. */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => CallContext;

export interface AdmitOptions {
  admission: Admission;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
}

export function createAdmit({ admission, createContext }: AdmitOptions): Admit {
  return (request, reply) => {
    const leave = admission.enter();
    onResponseClosed(reply, leave);
    return createContext(request, reply);
  };
}
