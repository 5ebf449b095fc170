import type { ErrorDetail } from '@prodigon/contracts';
import type { FastifySchemaCompiler } from 'fastify';
import fp from 'fastify-plugin';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { parseInput, validationError } from './error-handling.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `ignored` for routes that read no query and have clients that send one; `handler` for routes that call `parseQuery`. */
    query?: 'ignored' | 'handler';
  }
}

const NO_PARAMETERS = z.strictObject({});

/**
 * Reads the query of every route in the same way: an empty parameter is absent, a repeated one is rejected, and so is each
 * parameter of a route that declares none. Schemas of queries are strict objects, so that unknown parameters are rejected too.
 */
export const queryParameters = fp(async (app) => {
  app.setValidatorCompiler(compileValidator);
  app.addHook('onRoute', (route) => {
    const schema = route.schema as { querystring?: unknown; hide?: boolean } | undefined;
    if (schema?.querystring || schema?.hide || route.config?.query) return;
    route.schema = { ...schema, querystring: NO_PARAMETERS };
  });
});

const compileValidator: FastifySchemaCompiler<z.ZodType> = (route) => {
  const validate = validatorCompiler(route);
  if (route.httpPart !== 'querystring') return validate;
  return (query: unknown) => {
    const { values, repeated } = readValues(query);
    return repeated.length > 0 ? { error: validationError(repeated) } : validate(values);
  };
};

/** Parses the query of a route with `config.query: 'handler'`. Throws `VALIDATION_ERROR`. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const { values, repeated } = readValues(query);
  if (repeated.length > 0) throw validationError(repeated);
  return parseInput(schema, values);
}

function readValues(query: unknown): { values: object; repeated: ErrorDetail[] } {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== '');
  const repeated = given.filter(([, value]) => Array.isArray(value));
  return {
    values: Object.fromEntries(given),
    repeated: repeated.map(([path]) => ({ path, message: 'Must not be repeated' })),
  };
}
