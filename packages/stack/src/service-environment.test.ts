import { expect, it } from 'vitest';
import { serviceEnvironment } from './service-environment.ts';

const ADDRESSES = {
  urls: {
    model: ['http://127.0.0.1:1', 'http://127.0.0.1:2'],
    modelGrpc: ['http://127.0.0.1:6', 'http://127.0.0.1:7'],
    worker: ['http://127.0.0.1:3', 'http://127.0.0.1:4'],
    gateway: ['http://127.0.0.1:9', 'http://127.0.0.1:10'],
  },
  labUrl: 'http://127.0.0.1:8',
  databaseUrl: 'postgresql://127.0.0.1:5/prodigon',
};
const MODEL_SERVICE_URL = 'http://127.0.0.1:1,http://127.0.0.1:2';
const MODEL_GRPC_URL = 'http://127.0.0.1:6,http://127.0.0.1:7';
const WORKER_SERVICE_URL = 'http://127.0.0.1:3,http://127.0.0.1:4';
const GATEWAY_SERVICE_URL = 'http://127.0.0.1:9,http://127.0.0.1:10';
const LAB_SERVICE_URL = ADDRESSES.labUrl;
const DATABASE_URL = ADDRESSES.databaseUrl;

it('passes each service the addresses of the services that it calls and of its database', () => {
  expect(serviceEnvironment('gateway', ADDRESSES)).toEqual({
    MODEL_SERVICE_URL,
    MODEL_GRPC_URL,
    WORKER_SERVICE_URL,
    GATEWAY_SERVICE_URL,
    LAB_SERVICE_URL,
    DATABASE_URL,
  });
  expect(serviceEnvironment('lab', ADDRESSES)).toEqual({});
  expect(serviceEnvironment('worker', ADDRESSES)).toEqual({ MODEL_SERVICE_URL, MODEL_GRPC_URL, DATABASE_URL });
  expect(serviceEnvironment('model', ADDRESSES)).toEqual({ DATABASE_URL });
  expect(serviceEnvironment('monolith', ADDRESSES)).toEqual({ LAB_SERVICE_URL, DATABASE_URL });
});

it.each(['gateway', 'worker', 'model', 'monolith'] as const)(
  'keeps the configured addresses of the %s when the stack runs no other process',
  (service) => {
    const urls = { model: [], modelGrpc: [], worker: [], gateway: [] };
    expect(serviceEnvironment(service, { urls, labUrl: null, databaseUrl: null })).toEqual({});
  },
);
