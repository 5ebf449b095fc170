import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimOwnership } from './database/database-owner.ts';
import { identifyProcess, type ProcessIdentity } from './process-identity.ts';
import type { StandaloneService } from './process-plan.ts';
import { findStacks, inspectStack, stopRunningStack } from './stack-status.ts';
import { readState, type StackState, writeState } from './state-file.ts';
import { createManualTimers } from './timers.test-support.ts';

const SELF = identifyProcess(process.pid) as ProcessIdentity;
const DEAD = { pid: process.pid, started: 'another boot 1' };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prodigon-status-'));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function record(supervisor: ProcessIdentity, only: StandaloneService | null = null): StackState {
  const processes = [{ service: 'gateway' as const, title: 'gateway', process: SELF, url: null, restarts: 0 }];
  const state: StackState = {
    ...{ version: '0.1.0', topology: 'services', started_at: new Date(0).toISOString() },
    ...{ supervisor, only, url: null, processes },
  };
  writeState(folder, state);
  return state;
}

describe('inspectStack', () => {
  it('reports a stack without a record as stopped', () => {
    expect(inspectStack(folder)).toEqual({ phase: 'stopped' });
  });

  it('reports a stack as running while its supervisor runs, and lists its running processes', () => {
    const state = record(SELF);
    const alive = [{ service: 'gateway', title: 'gateway', process: SELF }];
    expect(inspectStack(folder)).toEqual({ phase: 'running', state, alive });
  });

  it('reports a stack as crashed when its supervisor has ended', () => {
    record(DEAD, 'worker');
    expect(inspectStack(folder, 'worker')).toMatchObject({ phase: 'crashed', alive: [{ service: 'gateway' }] });
    expect(inspectStack(folder)).toEqual({ phase: 'stopped' });
  });
});

it('finds the platform before the standalone services', () => {
  record(SELF, 'gateway');
  record(DEAD, 'model');
  record(SELF);
  expect(findStacks(folder).map(({ phase, state }) => [phase, state.only])).toEqual([
    ['running', null],
    ['crashed', 'model'],
    ['running', 'gateway'],
  ]);
});

describe('stopRunningStack', () => {
  it('returns false when no stack exists', async () => {
    expect(await stopRunningStack({ dataDirectory: folder, onEvent: () => {} })).toBe(false);
  });

  it('signals a running supervisor once and waits while it runs', async () => {
    const timers = createManualTimers();
    const state = record(SELF);
    const signals: unknown[] = [];
    vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
      signals.push(signal);
      return true;
    });
    let isStopped = false;
    void stopRunningStack({ dataDirectory: folder, onEvent: () => {}, timers }).then(() => {
      isStopped = true;
    });
    for (let poll = 0; poll < 3; poll += 1) {
      timers.fire(25);
      await Promise.resolve();
    }
    expect([signals, isStopped]).toEqual([['SIGTERM'], false]);
    expect(timers.waiting()).toEqual([25]);
    // The record belongs to the supervisor, which removes it when it ends.
    expect(readState(folder)).toEqual(state);
  });

  it('removes the record of a crashed stack and reports that it existed', async () => {
    writeState(folder, { ...record(DEAD), processes: [] });
    expect(await stopRunningStack({ dataDirectory: folder, onEvent: () => {} })).toBe(true);
    expect(readState(folder)).toBeNull();
  });

  it('leaves a database to its running owner', async () => {
    claimOwnership(folder);
    expect(await stopRunningStack({ dataDirectory: folder, onEvent: () => {} })).toBe(false);
  });
});
