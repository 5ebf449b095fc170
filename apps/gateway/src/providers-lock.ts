import { type Configuration, isLoopback } from '@prodigon/platform';

/** Returns why no client may change the provider settings; null when local clients may. */
export function providersLockOf({ HOST, USE_MOCK }: Pick<Configuration, 'HOST' | 'USE_MOCK'>, pid = process.pid): string | null {
  if (USE_MOCK) return 'USE_MOCK allows only the offline models. Unset it to configure providers.';
  if (isLoopback(HOST)) return null;
  // In a container, which every other container can reach, the process has the id 1.
  if (pid === 1)
    return 'This platform runs in containers, which read the keys of providers when they start. With Docker Compose or podman, save a key as a file such as secrets/GROQ_API_KEY and run make run-docker again.';
  return 'Other machines can reach this platform, so only environment variables can configure its providers.';
}
