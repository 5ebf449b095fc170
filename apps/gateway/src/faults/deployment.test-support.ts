import { type Deployment, type DeploymentName, type DeploymentOptions, startDeployment } from '@prodigon/testing';
import { onTestFinished } from 'vitest';

/** Shorter than the timeout of a test, so that a failed wait reports its own condition. Polls through HTTP cost much time. */
export const WAIT = { timeout: 100_000, interval: 100 };
export const STREAM = '/api/v1/generate/stream';
export const TYPED = { headers: { 'x-stream-version': '2' } };
/** For tests that start many processes or send many requests, on a machine that may be busy. */
export const LONG_TEST_MS = 600_000;

/** Starts the processes of a deployment and stops them when the test ends. */
export async function deploy(name: DeploymentName, options?: DeploymentOptions): Promise<Deployment> {
  const deployment = await startDeployment(name, options);
  onTestFinished(() => deployment.close());
  return deployment;
}
