import { type Browser, chromium } from 'playwright-core';
import { PROGRAMS, requireProgram } from './find-program.ts';

/** Disables the GPU and all network access except that of the tested page. */
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

/** Returns the Chromium that the test files of one Vitest worker share. Each test opens its own contexts. */
export function sharedChromium(): Promise<Browser> {
  shared ??= launchChromium();
  return shared;
}
