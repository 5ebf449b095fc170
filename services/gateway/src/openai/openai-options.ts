import type { CallContext, ModelClient } from '@prodigon/ports';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Admit } from '../admission/admit.ts';
import type { StreamTimings } from '../generation/stream-relay.ts';
import type { ModelCatalogue } from '../models/model-catalogue.ts';

export interface OpenAiRoutesOptions {
  model: ModelClient;
  catalogue: ModelCatalogue;
  admit: Admit;
  createContext: (request: FastifyRequest, reply: FastifyReply) => CallContext;
  timings: StreamTimings;
}

/** The routes of one part of the API under one of the prefixes. */
export interface OpenAiPartOptions extends OpenAiRoutesOptions {
  prefix: string;
}
