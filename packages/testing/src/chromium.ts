import { type Browser, chromium } from 'playwright-core';
import { PROGRAMS, requireProgram } from './find-program.ts';

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

/** Starts a real Chromium with a fresh profile. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: requireProgram(PROGRAMS.chromium), args: ARGUMENTS });
}
