// Runs `npm start`, `npm test` and the other npm scripts: installs missing packages, builds changed apps and runs the task on
// the pinned Node. It is plain JavaScript without dependencies, so that Node 20 can run it on a fresh clone. The dynamic
// import lets an older Node print the error message below.
const [command = 'help', ...args] = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Prodigon needs Node 20 or later to set itself up, and this is ${process.version}.`);
  process.exitCode = 1;
} else if (process.platform === 'win32') {
  console.error('Prodigon runs on Linux and macOS. On Windows, run it inside WSL 2.');
  process.exitCode = 1;
} else {
  const { runTask } = await import('./lib/tasks.mjs');
  process.exitCode = await runTask(command, args);
}
