import { DIRECTORY_VARIABLE, RUN_ID_VARIABLE } from './probe-report.ts';

/** The system keeps the path of a Unix socket in about a hundred bytes; the rest is for `/<pid>.sock`. */
const DIRECTORY_BYTES_MAX = 88;

export interface ProbeOptions {
  /** Told in each answer, so that one of an earlier run is noticed. */
  readonly runId: string;
  /** Exists; each process makes a socket in it. */
  readonly directory: string;
}

/**
 * The environment for a Node process, of whatever program, that can be asked by `readProbe` and names itself in each
 * HTTP/1 answer. Throws when the folder's path is too long for a socket.
 */
export function withProbe<Env extends NodeJS.ProcessEnv>(env: Env, { runId, directory }: ProbeOptions) {
  if (Buffer.byteLength(directory) > DIRECTORY_BYTES_MAX)
    throw new Error(`Sockets cannot be made in ${directory}: its path is longer than ${DIRECTORY_BYTES_MAX} bytes.`);
  const attach = `--import ${new URL('./attach.ts', import.meta.url).href}`;
  return {
    ...env,
    NODE_OPTIONS: env.NODE_OPTIONS ? `${env.NODE_OPTIONS} ${attach}` : attach,
    [RUN_ID_VARIABLE]: runId,
    [DIRECTORY_VARIABLE]: directory,
  };
}
