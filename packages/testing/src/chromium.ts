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

/** Starts Chromium with a new profile. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: requireProgram(PROGRAMS.chromium), args: ARGUMENTS });
}

let shared: Promise<Browser> | undefined;

/** Returns the Chromium that the test files of one worker share. Each test opens its own contexts; the browser ends with the worker. */
export function sharedChromium(): Promise<Browser> {
  shared ??= launchChromium();
  return shared;
}
