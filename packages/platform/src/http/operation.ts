import type { ErrorCode } from '@prodigon/contracts';
import type { z } from 'zod';

/** A body in one media type, with named examples of it. */
export interface OperationContent {
  readonly schema: z.ZodType;
  readonly examples?: Readonly<Record<string, unknown>>;
  /** The schema of one event or line, for bodies that consist of many. */
  readonly items?: z.ZodType;
}
export type OperationContents = Readonly<Record<string, OperationContent>>;

export interface OperationResponse {
  readonly description: string;
  /** By media type; absent for a response without a body. */
  readonly content?: OperationContents;
  /** Names of headers of the OpenAPI document, besides those of every response. */
  readonly headers?: readonly string[];
}

/**
 * What the OpenAPI document says about a route, besides the schemas that validate its requests. It has no effect on
 * requests and responses.
 */
export interface Operation {
  /** The name of the function in generated clients, e.g. `createJob`. */
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  /** The path in the document, for routes with a wildcard. */
  readonly path?: string;
  /** Schemas of parameters that the handler validates itself. */
  readonly query?: z.ZodType;
  readonly headers?: z.ZodObject;
  /** The request body by media type. */
  readonly body?: OperationContents;
  /** Successful responses, and others that are not errors of the API, by status. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
  /** Codes of errors that only some routes return. */
  readonly errors?: readonly ErrorCode[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation;
  }
}
