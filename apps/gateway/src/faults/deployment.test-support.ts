import { type Deployment, type DeploymentName, type DeploymentOptions, startDeployment } from '@prodigon/testing';
import { onTestFinished } from 'vitest';

/** Shorter than a test may take, so that a wait that ends without success says what it waited for. */
export const WAIT = { timeout: 100_000, interval: 20 };
export const STREAM = '/api/v1/generate/stream';
export const TYPED = { headers: { 'x-stream-version': '2' } };
/** For tests that begin many processes or ask very much, on a machine that may be busy. */
export const LONG_TEST_MS = 600_000;

/** The real processes, until the test ends. */
export async function deploy(name: DeploymentName, options?: DeploymentOptions): Promise<Deployment> {
  const deployment = await startDeployment(name, options);
  onTestFinished(() => deployment.close());
  return deployment;
}
