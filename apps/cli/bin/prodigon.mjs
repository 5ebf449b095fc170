#!/usr/bin/env node
// Plain JavaScript, because an older Node must parse this file and start the pinned version.
import module from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  // Node caches compiled code for the next start. The services inherit the variable.
  process.env.NODE_COMPILE_CACHE ??= `${root}node_modules/.cache/prodigon`;
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { findAppEntry } = await import('../../../packages/stack/src/app-bundle.mjs');
  const { main } = await import(pathToFileURL(findAppEntry(root, 'cli')).href);
  process.exitCode = await main(process.argv.slice(2));
} else {
  const { findNode } = await import('../../../scripts/lib/pinned-node.mjs');
  const { runChild } = await import('../../../scripts/lib/run-child.mjs');
  const node = findNode(root);
  if (node === null) {
    console.error(
      `Prodigon needs Node 24, and this is ${process.version}. Run npm start once in its folder, or install Node 24.`,
    );
    process.exitCode = 1;
  } else {
    process.exitCode = await runChild(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
  }
}
