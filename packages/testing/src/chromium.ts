import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** Nothing but the page under test may use the network or the graphics card. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a real Chromium with a fresh profile. It is looked for on PATH; as root on Debian it is
 * installed when it is not there, which takes about a minute, once.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findOnPath() ?? installFromDebian(), args: ARGUMENTS });
}

function findOnPath(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return candidates.find(isExecutable);
}

function installFromDebian(): string {
  const advice = `No Chromium on PATH (looked for ${NAMES.join(', ')}). Install one to run the browser tests.`;
  if (process.getuid?.() !== 0 || !isExecutable('/usr/bin/apt-get')) throw new Error(advice);
  // Test files run side by side: whoever waited for the lock finds the work done.
  const script = 'command -v chromium >&2 || { apt-get update && apt-get install -y --no-install-recommends chromium; }';
  try {
    execFileSync('flock', ['/var/lock/prodigon-chromium', 'sh', '-c', script], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (cause) {
    throw new Error(`${advice} Installing Debian's chromium package failed.`, { cause });
  }
  const installed = findOnPath();
  if (!installed) throw new Error(advice);
  return installed;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
