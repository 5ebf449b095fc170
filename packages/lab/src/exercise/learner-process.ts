import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { findBlockingLine } from './find-blocking-line.ts';
import type { LearnerFolder } from './learner-files.ts';
import type { LearnerCommand, LearnerEnvelope, LearnerMessage } from './learner-messages.ts';
import {
  explainEnd,
  explainLoadFailure,
  explainThrown,
  explainUncaught,
  LearnerProblemError,
  LearnerThrewError,
} from './learner-problem.ts';
import { readMemoryMb } from './read-memory.ts';
import { killLearner, spawnLearner } from './spawn-learner.ts';

export interface LearnerLimits {
  /** Time limit for loading the code. */
  readonly loadMs: number;
  /** Time limit of a case whose check sets none. */
  readonly caseMs: number;
  /** The time after which a process that does not respond counts as blocked. */
  readonly pingMs: number;
  readonly heapMb: number;
  /** Resident memory of the process. Only Linux enforces it. */
  readonly memoryMb: number;
  readonly outputBytes: number;
}

export const LEARNER_LIMITS: LearnerLimits = {
  loadMs: 20_000,
  caseMs: 10_000,
  pingMs: 2_000,
  heapMb: 256,
  memoryMb: 768,
  outputBytes: 8_000_000,
};

export interface LearnerProcessOptions {
  readonly driver: string;
  /** The file that the driver loads, for messages. */
  readonly module: string;
  readonly folder: LearnerFolder;
  readonly repositoryFolder: string;
  readonly limits: LearnerLimits;
}

/** The process with the learner's code. Its methods reject with `LearnerProblemError` once the process cannot continue. */
export interface LearnerProcess {
  readonly pid: number | undefined;
  /** Resolves once the code is loaded. */
  readonly loaded: Promise<void>;
  /** Rejects once the process has a problem, and never resolves. */
  readonly problem: Promise<never>;
  /** Runs a command of the driver. Rejects with `LearnerThrewError` when it throws. */
  call(command: string, input?: unknown): Promise<unknown>;
  /** Resolves after the process has handled everything that was sent before. */
  ping(): Promise<void>;
  /** Calls the listener for each event of the driver, until the returned function is called. */
  onEvent(listener: (name: string, value: unknown) => void): () => void;
  /** Explains why the code does not finish: it blocks the event loop, or a promise does not settle. */
  explainHang(limitMs: number): Promise<string>;
  /** Returns what the code printed since the last call, shortened. */
  takeOutput(): string;
  /** Kills the process and everything in its group, and resolves when it has ended. */
  stop(): Promise<void>;
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const OUTPUT_CHARACTERS_MAX = 1_000;
const MEMORY_INTERVAL_MS = 100;

export function startLearnerProcess({ driver, module, folder, repositoryFolder, limits }: LearnerProcessOptions): LearnerProcess {
  const secret = randomUUID();
  const child = spawnLearner({ driver, learnerFolder: folder.path, repositoryFolder, memoryMb: limits.heapMb, secret });
  const pending = new Map<number, PendingCall>();
  const listeners = new Set<(name: string, value: unknown) => void>();
  const loading = Promise.withResolvers<void>();
  const problem = Promise.withResolvers<never>();
  const ended = Promise.withResolvers<void>();
  // Callers that do not wait for these still learn the problem from their calls.
  for (const promise of [loading.promise, problem.promise]) promise.catch(() => {});
  let failure: LearnerProblemError | null = null;
  let isLoaded = false;
  let exitStack: string | null = null;
  let nextId = 1;
  const output = watchOutput(child, limits.outputBytes, () =>
    fail(`Your code writes more than ${limits.outputBytes / 1_000_000} MB to the terminal.`),
  );

  function fail(message: string): void {
    if (failure) return;
    failure = new LearnerProblemError(message, !isLoaded);
    clearTimeout(loadTimer);
    clearInterval(memoryTimer);
    loading.reject(failure);
    problem.reject(failure);
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
    killLearner(child);
  }

  function onMessage(message: LearnerMessage): void {
    switch (message.type) {
      case 'loaded':
        isLoaded = true;
        clearTimeout(loadTimer);
        loading.resolve();
        break;
      case 'load-failed':
        fail(explainLoadFailure(message.thrown, module, folder));
        break;
      case 'export-missing':
        fail(`${folder.label}/${module} does not export ${message.name}.`);
        break;
      case 'returned':
        settle(message.id, ({ resolve }) => resolve(message.value));
        break;
      case 'pong':
        settle(message.id, ({ resolve }) => resolve(undefined));
        break;
      case 'threw':
        settle(message.id, ({ reject }) => reject(new LearnerThrewError(explainThrown(message.thrown, folder))));
        break;
      case 'event':
        for (const listener of listeners) listener(message.name, message.value);
        break;
      case 'exit-called':
        exitStack = message.stack;
        break;
      case 'uncaught':
        fail(explainUncaught(message.thrown, message.isRejection, folder));
    }
  }

  function settle(id: number, action: (call: PendingCall) => void): void {
    const call = pending.get(id);
    pending.delete(id);
    if (call) action(call);
  }

  function request(create: (id: number) => LearnerCommand): Promise<unknown> {
    if (failure) return Promise.reject(failure);
    const id = nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    pending.set(id, { resolve, reject });
    // A check that fails does not wait for its calls in flight.
    promise.catch(() => {});
    // The exit of the process rejects the call if the message cannot be sent.
    child.send(create(id), () => {});
    return promise;
  }

  const ping = async () => {
    await request((id) => ({ type: 'ping', id }));
  };

  const explainHang = async (limitMs: number): Promise<string> => {
    const isResponding = await Promise.race([
      ping().then(
        () => true,
        () => true,
      ),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), limits.pingMs).unref()),
    ]);
    if (isResponding && isLoaded) return `Your code has not finished after ${limitMs / 1_000} s. A promise does not settle.`;
    const line = await findBlockingLine(child, folder);
    if (line === null && !isLoaded)
      return `${folder.label}/${module} has not loaded after ${limitMs / 1_000} s. A top-level await does not settle.`;
    return `${line ?? 'Your code'} blocks the event loop: a loop does not end.`;
  };

  const loadTimer = setTimeout(() => void explainHang(limits.loadMs).then(fail), limits.loadMs);
  const memoryTimer = setInterval(() => {
    if ((readMemoryMb(child.pid) ?? 0) > limits.memoryMb)
      fail(`Your code runs out of memory. The limit is ${limits.memoryMb} MB.`);
  }, MEMORY_INTERVAL_MS);
  memoryTimer.unref();

  child.on('message', (envelope: Partial<LearnerEnvelope> | null) => {
    if (envelope?.secret === secret && envelope.message) onMessage(envelope.message);
  });
  child.on('error', (error) => fail(`The process with your code cannot start: ${error.message}.`));
  // The streams and the messages of an ended process arrive before `close`.
  child.on('close', (code, signal) => {
    fail(explainEnd({ code, signal, errorOutput: output.errors(), exitStack, memoryMb: limits.heapMb }, folder));
    ended.resolve();
  });
  child.on('exit', () => killLearner(child));

  return {
    pid: child.pid,
    loaded: loading.promise,
    problem: problem.promise,
    call: (command, input) => request((id) => ({ type: 'call', id, command, input })),
    ping,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    explainHang,
    takeOutput: output.take,
    stop: async () => {
      fail('The run was stopped.');
      if (child.pid !== undefined) await ended.promise;
    },
  };
}

function watchOutput(child: ChildProcess, bytesMax: number, onTooMuch: () => void) {
  let bytes = 0;
  let printed = '';
  let errors = '';
  const count = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bytesMax) onTooMuch();
    return chunk.toString();
  };
  child.stdout?.on('data', (chunk: Buffer) => {
    printed = (printed + count(chunk)).slice(-OUTPUT_CHARACTERS_MAX);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + count(chunk)).slice(-4 * OUTPUT_CHARACTERS_MAX);
  });
  return {
    errors: () => errors,
    take: () => {
      const taken = printed.trim();
      printed = '';
      return taken;
    },
  };
}
