import { expect, it } from 'vitest';
import { serviceEnvironment } from './service-environment.ts';

const ADDRESSES = {
  urls: { model: ['http://127.0.0.1:1', 'http://127.0.0.1:2'], worker: ['http://127.0.0.1:3', 'http://127.0.0.1:4'] },
  labUrl: 'http://127.0.0.1:6',
  databaseUrl: 'postgresql://127.0.0.1:5/prodigon',
};
const MODEL_SERVICE_URL = 'http://127.0.0.1:1,http://127.0.0.1:2';
const WORKER_SERVICE_URL = 'http://127.0.0.1:3,http://127.0.0.1:4';
const LAB_SERVICE_URL = ADDRESSES.labUrl;
const DATABASE_URL = ADDRESSES.databaseUrl;

it('passes each service the addresses of the services that it calls and of its database', () => {
  expect(serviceEnvironment('gateway', ADDRESSES)).toEqual({ MODEL_SERVICE_URL, WORKER_SERVICE_URL, LAB_SERVICE_URL });
  expect(serviceEnvironment('worker', ADDRESSES)).toEqual({ MODEL_SERVICE_URL, DATABASE_URL });
  expect(serviceEnvironment('model', ADDRESSES)).toEqual({ DATABASE_URL });
  expect(serviceEnvironment('monolith', ADDRESSES)).toEqual({ LAB_SERVICE_URL, DATABASE_URL });
});

it.each(['gateway', 'worker', 'model', 'monolith'] as const)(
  'keeps the configured addresses of the %s when the stack runs no other process',
  (service) => {
    expect(serviceEnvironment(service, { urls: { model: [], worker: [] }, labUrl: null, databaseUrl: null })).toEqual({});
  },
);
