import { findProgram, installProgram, type Program } from '@prodigon/testing';

/** Installs Debian's package unless the program is there; throws one sentence that says what to install where it cannot. */
export function ensureProgram(program: Program): void {
  if (findProgram(program)) return;
  process.stdout.write(`Installing ${program.names[0]} (Debian's package ${program.debianPackage}) ...\n`);
  installProgram(program);
}
