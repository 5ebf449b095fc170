import { type ChildProcess, type SpawnOptions, spawn as spawnProcess } from 'node:child_process';
import { CONFIGURATION_REPORTED_VARIABLE, resolveInternalToken, SERVICE_USER_VARIABLE } from '@prodigon/platform/configuration';
import { checkConfiguredDatabase } from './database/check-database.ts';
import { createEmbeddedDatabase } from './database/embedded-database.ts';
import { createLabPort } from './lab-port.ts';
import { NODE_FLAGS } from './node-flags.ts';
import { stopOrphans } from './orphaned-processes.ts';
import { assertPortFree } from './port-check.ts';
import { identifyProcess } from './process-identity.ts';
import {
  type PlanOptions,
  type ProcessName,
  type ProcessPlan,
  planLab,
  planProcesses,
  type StandaloneService,
} from './process-plan.ts';
import { assertReplicable, nextPort, type ReplicaPorts, type Replicas, replicaCount, replicate } from './replicas.ts';
import { portEnvironment, serviceEnvironment } from './service-environment.ts';
import { findServiceUser as findRealServiceUser } from './service-user.ts';
import { createSharedPort } from './shared-port.ts';
import { StackError } from './stack-error.ts';
import type { StackEvent } from './stack-event.ts';
import { loadStackSettings, type SettingsOptions, type StackSettings, toStackError } from './stack-settings.ts';
import type { StackState } from './state-file.ts';
import { createStateRecord } from './state-record.ts';
import { createSupervisedProcess, type ListenUrls, type SupervisedProcess } from './supervised-process.ts';
import type { SystemUser } from './system-user.ts';
import { systemTimers, type Timers } from './timers.ts';

/** The time after the drain timeout before the supervisor kills a process. */
const DRAIN_MARGIN_MS = 2_000;
/** A reload does not wait for open streams. */
const RELOAD_GRACE_MS = 1_000;

export interface StackOptions extends SettingsOptions, PlanOptions {
  /** The number of processes of a service. Its clients receive the URLs of all of them. */
  readonly replicas?: Replicas | undefined;
  readonly replicaPorts?: ReplicaPorts | undefined;
  readonly onEvent?: (event: StackEvent) => void;
  /** The file descriptor for the logs of the processes. By default they inherit the output of this process. */
  readonly output?: number | undefined;
  readonly timers?: Timers;
  /** Tests replace the processes, their user and the database. */
  readonly spawn?: (program: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
  readonly createDatabase?: typeof createEmbeddedDatabase;
  readonly findServiceUser?: typeof findRealServiceUser;
}

export interface Stack {
  readonly settings: StackSettings;
  /** The standalone service; null for the whole platform. */
  readonly only: StandaloneService | null;
  /** The supervised processes in the order of their start. */
  readonly processes: readonly Pick<SupervisedProcess, 'service' | 'title' | 'url' | 'grpcUrl'>[];
  /** Authenticates the operator at the own gateway; null before the start. */
  readonly internalToken: string | null;
  /** Resolves with the URL of the gateway, or of the only service, when every process is ready. Rejects with a `StackError` and leaves nothing running. */
  start(): Promise<string>;
  /** Drains the gateway, then the services that it calls, and stops the database, within DRAIN_NOTICE_MS, DRAIN_TIMEOUT_MS and a margin. Idempotent. */
  stop(): Promise<void>;
  /** Kills every process immediately. */
  kill(): void;
  /** Replaces every process with a new one, which loads the current source code. */
  reload(): Promise<void>;
  /** Resolves when the stack has stopped: with null after `stop`, otherwise with the error that ended it. Never rejects. */
  readonly ended: Promise<StackError | null>;
}

/** Creates the platform as supervised processes. Throws a `StackError` (78) when the configuration is invalid. */
export function createStack(options: StackOptions): Stack {
  const {
    env,
    topology,
    only,
    replicas = {},
    replicaPorts = {},
    timers = systemTimers,
    onEvent = () => {},
    output = 'inherit',
  } = options;
  const { spawn = spawnProcess, createDatabase = createEmbeddedDatabase, findServiceUser = findRealServiceUser } = options;
  const settings = loadStackSettings(options);
  const { configuration, dataDirectory, rootDirectory, version } = settings;
  const services = planProcesses(options, settings);
  assertReplicable(replicas, { topology, only, settings }, services);
  const plan = services.map((planned) =>
    replicate(planned, replicaCount(replicas, planned.service), nextPort(replicaPorts, planned.service)),
  );
  const sharedPort = createSharedPort(plan.flat());
  const labPort = createLabPort({
    planned: planLab(options, settings),
    isChosen: configuration.LAB_PORT !== undefined,
    onNotice: (message) => onEvent({ type: 'notice', message }),
  });
  const processes: SupervisedProcess[] = [];
  const needsDatabase = services.some((planned) => planned.needsDatabase);
  const database =
    needsDatabase && configuration.DATABASE_URL === undefined
      ? createDatabase({ dataDirectory, timers, onEvent, onChange: () => record.update() })
      : null;
  const startedAt = new Date().toISOString();
  const end = Promise.withResolvers<StackError | null>();
  let databaseUrl: string | null = null;
  let internalToken: string | null = null;
  /** It starts after the others, and the platform does not depend on it. */
  let lab: SupervisedProcess | null = null;
  let serviceUser: SystemUser | null = null;
  let stopping: Promise<void> | null = null;
  let isConfigurationReported = false;

  const currentState = (): StackState => ({
    version,
    topology,
    only: only ?? null,
    started_at: startedAt,
    supervisor: identifyProcess(process.pid) ?? { pid: process.pid, started: '' },
    url: processes.length === plan.flat().length ? publicUrl() : null,
    processes: [...(database ? [database] : []), ...allProcesses()].map(({ service, title, identity, publicUrl, restarts }) => ({
      service,
      title,
      process: identity,
      url: publicUrl,
      restarts,
    })),
  });

  /** The URL of the gateway or of the only service; null until it is ready. */
  const publicUrl = () => {
    const url = processes.at(-1)?.url ?? null;
    return url && (sharedPort.url ?? url);
  };

  const allProcesses = () => [...processes, ...(lab ? [lab] : [])];

  const record = createStateRecord({
    ...{ dataDirectory, only, currentState },
    onUnrecorded: (message) => onEvent({ type: 'unrecorded', message }),
  });

  async function claim(): Promise<void> {
    const leftover = record.findLeftover();
    if (leftover) await stopOrphans(leftover, timers, onEvent);
    for (const planned of plan.flat()) {
      await assertPortFree(planned);
      const { grpcPort, host, hostVariable } = planned;
      if (grpcPort !== undefined) await assertPortFree({ host, hostVariable, port: grpcPort, portVariable: 'MODEL_GRPC_PORT' });
    }
    await sharedPort.assertFree();
    await labPort.claim();
    record.claim(leftover);
  }

  function startLab(planned: ProcessPlan): void {
    const report = ({ message }: StackError) => {
      if (!stopping) onEvent({ type: 'crashed', service: 'lab', message: `${message} The workshop is not available.` });
    };
    lab = superviseProcess(planned, report);
    lab.start().catch(report);
  }

  function superviseProcess(planned: ProcessPlan, onFatalError = shutDownAfter): SupervisedProcess {
    return createSupervisedProcess({
      ...planned,
      timers,
      onEvent,
      onChange: record.update,
      onFatalError,
      spawn(earlier) {
        const child = spawn(process.execPath, [...NODE_FLAGS[planned.service], planned.entry], {
          cwd: rootDirectory,
          env: { ...env, ...environmentOf(planned, earlier) },
          stdio: ['ignore', output, output, 'ipc'],
        });
        sharedPort.attach(planned, child);
        return child;
      },
    });
  }

  function environmentOf(planned: ProcessPlan, earlier: ListenUrls): NodeJS.ProcessEnv {
    const { service } = planned;
    // All processes share one configuration, so only the first start reports its warnings.
    const reported = isConfigurationReported ? { [CONFIGURATION_REPORTED_VARIABLE]: 'true' } : {};
    isConfigurationReported = true;
    const urlsOf = (name: ProcessName, key: keyof ListenUrls) =>
      processes.flatMap(({ service, [key]: url }) => (service === name && url ? [url] : []));
    return {
      DATA_DIR: dataDirectory,
      ...reported,
      ...(internalToken && { INTERNAL_TOKEN: internalToken }),
      ...(serviceUser && { [SERVICE_USER_VARIABLE]: `${serviceUser.uid}:${serviceUser.gid}` }),
      ...portEnvironment(planned, earlier),
      // A service alone starts no lab service, so its gateway has one only if the operator configures it.
      ...(only && configuration.LABS === undefined && !configuration.LAB_SERVICE_URL && { LABS: 'false' }),
      ...serviceEnvironment(service, {
        urls: {
          model: urlsOf('model', 'url'),
          modelGrpc: urlsOf('model', 'grpcUrl'),
          worker: urlsOf('worker', 'url'),
          gateway: sharedPort.ownUrls,
        },
        labUrl: labPort.url,
        databaseUrl,
      }),
    };
  }

  /** Checks the configured database, or starts the embedded one while the processes without a database start. */
  async function openDatabase(): Promise<void> {
    if (database) databaseUrl = await database.start();
    else if (needsDatabase) await checkConfiguredDatabase(configuration);
  }

  async function stopProcesses(): Promise<void> {
    const stopRequestedAt = timers.now();
    let allowedMs = configuration.DRAIN_NOTICE_MS + configuration.DRAIN_TIMEOUT_MS;
    for (const supervised of allProcesses()) supervised.disableRestart();
    const groups = Object.values(Object.groupBy(allProcesses(), ({ service }) => service));
    for (const replicas of groups.toReversed()) {
      allowedMs += DRAIN_MARGIN_MS;
      const graceMs = Math.max(0, allowedMs - (timers.now() - stopRequestedAt));
      await Promise.all(replicas.map((replica) => replica.stop(graceMs)));
    }
    sharedPort.close();
    await database?.stop();
  }

  function shutDown(reason: StackError | null): Promise<void> {
    stopping ??= stopProcesses().then(() => {
      record.remove();
      end.resolve(reason);
    });
    return stopping;
  }

  function shutDownAfter(error: StackError): void {
    void shutDown(error);
  }

  return {
    settings,
    only: only ?? null,
    get processes() {
      return allProcesses();
    },
    get internalToken() {
      return internalToken;
    },
    ended: end.promise,
    stop: () => shutDown(null),
    async start() {
      try {
        await claim();
        internalToken = resolveInternalToken(configuration.INTERNAL_TOKEN, dataDirectory);
        const { user, notice } = findServiceUser({ rootDirectory });
        serviceUser = user;
        if (notice) onEvent({ type: 'notice', message: notice });
        const opened = openDatabase();
        opened.catch(() => {});
        if (!database) await opened;
        for (const planned of plan) {
          if (planned.some(({ needsDatabase }) => needsDatabase)) await opened;
          const replicas = await sharedPort.openFor(planned);
          if (stopping) throw new StackError('The start was interrupted.');
          const supervised = replicas.map((each) => superviseProcess(each));
          processes.push(...supervised);
          await Promise.all(supervised.map((each) => each.start()));
        }
        if (labPort.plan) startLab(labPort.plan);
        return publicUrl() ?? '';
      } catch (cause) {
        const error = toStackError(cause);
        await shutDown(error instanceof StackError ? error : null);
        throw error;
      }
    },
    kill() {
      for (const supervised of allProcesses()) supervised.kill();
      sharedPort.close();
      database?.kill();
      record.remove();
    },
    async reload() {
      onEvent({ type: 'reloading', message: 'The source has changed. Restarting.' });
      await Promise.all(allProcesses().map((supervised) => supervised.replace(RELOAD_GRACE_MS)));
    },
  };
}
