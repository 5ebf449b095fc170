import { readFileSync } from 'node:fs';

// `node import-packages.ts <file>`: what the runtime and its packages take before a line of ours has run.
const urls = readFileSync(process.argv[2] ?? '', 'utf8')
  .trim()
  .split('\n');
await Promise.all(urls.map((url) => import(url)));
process.send?.({ type: 'ready', url: '' });
