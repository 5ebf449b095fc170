import { CONFIGURED_VARIABLE, DIRECTORY_VARIABLE, RUN_ID_VARIABLE } from './probe-report.ts';

/** macOS limits the path of a Unix socket to 104 bytes. The rest is for `/<pid>.sock`. */
const DIRECTORY_BYTES_MAX = 88;

export interface ProbeOptions {
  /** Part of each response header, so that a load detects responses of processes from an earlier run. */
  readonly runId: string;
  /** An existing folder, in which each process creates a socket. */
  readonly directory: string;
  /** Variables whose values each process hashes for its response header. */
  readonly configured?: readonly string[];
}

/**
 * Returns an environment that attaches the probe to any Node program. `readProbe` can then query the process, and each of
 * its HTTP/1 responses identifies it. Throws when the path of the folder is too long for a socket.
 */
export function withProbe<Env extends NodeJS.ProcessEnv>(env: Env, { runId, directory, configured }: ProbeOptions) {
  if (Buffer.byteLength(directory) > DIRECTORY_BYTES_MAX)
    throw new Error(`The probe cannot create sockets in ${directory}: the path is longer than ${DIRECTORY_BYTES_MAX} bytes.`);
  const attach = `--import ${new URL('./attach.ts', import.meta.url).href}`;
  return {
    ...env,
    NODE_OPTIONS: env.NODE_OPTIONS ? `${env.NODE_OPTIONS} ${attach}` : attach,
    [RUN_ID_VARIABLE]: runId,
    [DIRECTORY_VARIABLE]: directory,
    ...(configured && { [CONFIGURED_VARIABLE]: configured.join() }),
  };
}
