import { findProgram, installProgram, PROGRAMS } from './find-program.ts';

/** Runs once before all tests: what is missing is installed, or the run ends with a sentence that says what to install. */
export default function installPrograms(): void {
  for (const [name, program] of Object.entries(PROGRAMS)) {
    if (findProgram(program)) continue;
    process.stdout.write(`Installing ${name} for the tests (Debian's package ${program.debianPackage}) ...\n`);
    installProgram(program);
  }
}
