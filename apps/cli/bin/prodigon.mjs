#!/usr/bin/env node
// Plain JavaScript, because an older Node has to be able to read it: that one only passes on to the pinned one.
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);

if (major >= 24) {
  // What Node has compiled is kept for the next start. By a variable, so that the services inherit it.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../../node_modules/.cache/prodigon', import.meta.url));
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  const { findNode } = await import('../../../scripts/lib/pinned-node.mjs');
  const { runChild } = await import('../../../scripts/lib/run-child.mjs');
  const root = fileURLToPath(new URL('../../../', import.meta.url));
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
