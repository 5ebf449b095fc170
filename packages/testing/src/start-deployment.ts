import { type FaultProvider, type FaultProviderOptions, startFaultProvider } from './fault-provider/fault-provider.ts';
import { MODELS_WITHOUT_BREAKER } from './models-without-breaker.ts';
import { createTestDatabase } from './postgres.ts';
import { type RunningApp, startApp } from './start-app.ts';

/**
 * All services in one process, one process for each service, two replicas of each service behind one gateway, or one
 * process for each service with gRPC to the model service.
 */
export const DEPLOYMENTS = ['monolith', 'services', 'services with replicas', 'services over gRPC'] as const;
export type DeploymentName = (typeof DEPLOYMENTS)[number];

export interface DeploymentOptions {
  /** Environment variables of all processes. An empty value unsets a variable. */
  readonly env?: Record<string, string>;
  readonly provider?: FaultProviderOptions;
  /** Runs the apps from their bundles, as users do, or from source. */
  readonly from?: 'bundle' | 'source';
  /** Whether worker services run. Deployments of tests without jobs start faster without them. */
  readonly hasWorkers?: boolean;
}

export interface Deployment {
  /** Base URL of the public API. */
  readonly url: string;
  readonly provider: FaultProvider;
  readonly gateway: RunningApp;
  /** Empty for the monolith. */
  readonly models: readonly RunningApp[];
  /** Empty for the monolith. */
  readonly workers: readonly RunningApp[];
  readonly processes: readonly RunningApp[];
  readonly databaseUrl: string;
  readonly internalToken: string;
  /** Sends a POST request with a JSON body. A string is sent unchanged. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

const INTERNAL_TOKEN = 'token-of-these-tests-0123';

/** Starts the processes of a deployment with a fault provider, and with a new database unless `env` contains `DATABASE_URL`. */
export async function startDeployment(name: DeploymentName, options: DeploymentOptions = {}): Promise<Deployment> {
  const provider = await startFaultProvider(options.provider);
  const database = options.env?.DATABASE_URL ? null : await createTestDatabase({ isMigrated: true });
  const processes: RunningApp[] = [];
  const close = async () => {
    await Promise.all(processes.map((process) => process.close()));
    await Promise.all([provider.close(), database?.drop()]);
  };
  const shared: Record<string, string> = {
    INTERNAL_TOKEN,
    MODELS_FILE: MODELS_WITHOUT_BREAKER,
    OPENAI_BASE_URL: provider.baseUrl,
    ...(database && { DATABASE_URL: database.url }),
    ...(name === 'services over gRPC' && { MODEL_TRANSPORT: 'grpc' }),
    ...options.env,
  };
  const start = async (...[app, env]: Parameters<typeof startApp>): Promise<RunningApp> => {
    const running = await startApp(app, { ...shared, ...env }, options);
    processes.push(running);
    return running;
  };

  try {
    const count = name === 'monolith' ? 0 : name === 'services with replicas' ? 2 : 1;
    const { hasWorkers = true } = options;
    const startReplicas = (app: 'model' | 'worker', env: Record<string, string> = {}) =>
      Promise.all(Array.from({ length: count }, () => start(app, env)));
    const models = await startReplicas('model');
    const modelUrls = { MODEL_SERVICE_URL: urlsOf(models), MODEL_GRPC_URL: models.map(({ grpcUrl }) => grpcUrl).join() };
    const workers = hasWorkers ? await startReplicas('worker', modelUrls) : [];
    const gateway =
      name === 'monolith'
        ? await start('monolith')
        : await start('gateway', { ...modelUrls, WORKER_SERVICE_URL: urlsOf(workers) });
    return {
      url: gateway.url,
      provider,
      gateway,
      models,
      workers,
      processes,
      databaseUrl: shared.DATABASE_URL ?? '',
      internalToken: shared.INTERNAL_TOKEN ?? '',
      post: (path, body, init = {}) =>
        fetch(`${gateway.url}${path}`, {
          method: 'POST',
          ...init,
          headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

const shared = new Map<DeploymentName, Promise<Deployment>>();

/**
 * Returns the deployment that the test files of one Vitest worker share, and resets its provider. Jobs and usage of
 * earlier tests remain. Tests that stop a process or need other variables start their own deployment.
 */
export async function sharedDeployment(name: DeploymentName): Promise<Deployment> {
  const running = shared.get(name) ?? startDeployment(name);
  shared.set(name, running);
  const deployment = await running;
  deployment.provider.reset();
  return { ...deployment, close: async () => {} };
}

const urlsOf = (apps: readonly RunningApp[]): string => apps.map(({ url }) => url).join();
