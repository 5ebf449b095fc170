// What is behind `npm start`, `npm test` and the rest: installs what is missing, builds what has changed
// and then works on the pinned Node. Plain JavaScript without dependencies, so that Node 20 can run it on a
// fresh clone; an even older one still gets as far as the sentence below, which is why the rest is imported late.
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
