import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

// Loaded by `--import`. Records the URL of each package module that a file of Prodigon imports, one per line.
const PACKAGE = '/node_modules/';
const file = process.env.IMPORTS_FILE ?? '';

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const isProdigonFile = context.parentURL !== undefined && !context.parentURL.includes(PACKAGE);
    if (isProdigonFile && resolved.url.includes(PACKAGE)) appendFileSync(file, `${resolved.url}\n`);
    return resolved;
  },
});
