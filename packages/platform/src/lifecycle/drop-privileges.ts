/** The environment variable with the user of the service as `uid:gid`. The supervisor sets it when it runs as root. */
export const SERVICE_USER_VARIABLE = 'PRODIGON_SERVICE_USER';

export const isRoot = ({ getuid }: Pick<NodeJS.Process, 'getuid'> = process): boolean => getuid?.() === 0;

/** The user and group ids of the service; null without a valid variable. */
export function serviceUserOf(env: NodeJS.ProcessEnv): { uid: number; gid: number } | null {
  const [, uid, gid] = /^(\d+):(\d+)$/.exec(env[SERVICE_USER_VARIABLE] ?? '') ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

type Credentials = Pick<NodeJS.Process, 'getuid' | 'setgroups' | 'setgid' | 'setuid'>;

/**
 * Switches this process from root to the user in `PRODIGON_SERVICE_USER`, for good. Call it when the process has read its
 * secrets and opened its port, which may require root. Does nothing without the variable. Returns whether it switched.
 */
export function dropPrivileges(env: NodeJS.ProcessEnv, credentials: Credentials = process): boolean {
  const user = serviceUserOf(env);
  if (!user || !isRoot(credentials)) return false;
  // The user comes last, because afterwards the process may not change its groups.
  credentials.setgroups?.([user.gid]);
  credentials.setgid?.(user.gid);
  credentials.setuid?.(user.uid);
  return true;
}
