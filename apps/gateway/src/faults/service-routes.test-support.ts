import { createModelService } from '@prodigon/model-service';
import { createHttpServer, createLifecycle, createLogger, createMetrics, healthRoutes } from '@prodigon/platform';
import { createNoopUsageStore } from '@prodigon/storage';
import { createWorkerService, type WorkerServiceDependencies } from '@prodigon/worker-service';

export interface ServiceRoute {
  readonly method: string;
  /** Contains example values instead of parameters. */
  readonly path: string;
  readonly access: string;
}

const logger = createLogger({ service: 'test', level: 'silent', secrets: [] });
const createContext = () => {
  throw new Error('No route is called.');
};

/** Returns every route that a service registers. */
export async function serviceRoutes(service: 'model' | 'worker'): Promise<ServiceRoute[]> {
  const metrics = createMetrics();
  const lifecycle = createLifecycle({ drainTimeoutMs: 1 });
  const routes: ServiceRoute[] = [];
  const server = await createHttpServer({
    service,
    logger,
    metrics,
    authentication: { internalToken: 'none', openMetrics: false },
    plugins: [
      Object.assign(
        async (app: Parameters<ReturnType<typeof healthRoutes>>[0]) => {
          app.addHook('onRoute', ({ method, url, config }) => {
            for (const each of [method].flat()) {
              const path = url.replaceAll(':jobId', '0198c0de-0000-7000-8000-000000000000');
              routes.push({ method: each, path, access: config?.access ?? '' });
            }
          });
        },
        { [Symbol.for('skip-override')]: true },
      ),
      service === 'model' ? modelRoutes() : workerRoutes(),
      healthRoutes({ service, version: '0', environment: 'test', lifecycle, metrics }),
    ],
  });
  await server.close();
  return routes;
}

function modelRoutes() {
  const usage = { store: createNoopUsageStore(), retentionDays: 1 };
  const timeouts = { firstTokenMs: 1, idleMs: 1 };
  return createModelService({ providers: [], timeouts, usage, metrics: createMetrics(), logger }).routes({ createContext });
}

function workerRoutes() {
  const limits = { concurrency: 1, leaseMs: 1, retentionDays: 1, timeoutMs: 1 };
  // The service does not use its stores before it starts.
  const dependencies = {
    limits,
    metrics: createMetrics(),
    logger,
    name: 'test',
    lifecycle: createLifecycle({ drainTimeoutMs: 1 }),
  };
  return createWorkerService(dependencies as unknown as WorkerServiceDependencies).routes({ createContext });
}
