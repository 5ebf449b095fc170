import { type Deployment, type DeploymentName, type RunningApp, startDeployment } from '@prodigon/testing';

export interface FuzzPlatform {
  /** Serves the public API. */
  readonly gateway: RunningApp;
  /** All processes by service name. */
  readonly apps: Readonly<Record<string, RunningApp>>;
  /** Texts that no response may contain. */
  readonly secrets: readonly string[];
  readonly internalToken: string;
  close(): Promise<void>;
}

/** Starts a deployment whose provider responds immediately. */
export async function startFuzzPlatform(name: DeploymentName): Promise<FuzzPlatform> {
  const deployment: Deployment = await startDeployment(name, { env: { DEFAULT_MODEL: 'healthy', STREAMS_MAX: '200' } });
  const { gateway, models, workers, internalToken, databaseUrl, provider, close } = deployment;
  const [model, worker] = [models[0], workers[0]];
  return {
    gateway,
    apps: { gateway, ...(model && { model }), ...(worker && { worker }) },
    secrets: [internalToken, databaseUrl, new URL(provider.baseUrl).host, process.cwd(), 'prodigon-app-'],
    internalToken,
    close,
  };
}
