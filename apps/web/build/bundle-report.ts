import { gzipSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

const FIRST_LOAD_BYTES_MAX = 150_000;
const ROUTE_BYTES_MAX = 60_000;

/** Prints the size of the JavaScript that each route downloads, and fails the build if it exceeds its limit. */
export function bundleReport(): Plugin {
  return {
    name: 'prodigon:bundle-report',
    apply: 'build',
    writeBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
      const entry = chunks.find((chunk) => chunk.isEntry);
      if (!entry) return;
      const first = withImports(entry, byName);
      const rows = [{ name: 'first load (/chat)', bytes: gzipBytes(first), max: FIRST_LOAD_BYTES_MAX }];
      for (const parts of routesOf(entry, byName)) {
        const chunk = parts.at(-1);
        if (!chunk) continue;
        const all = new Set(parts.flatMap((part) => [...withImports(part, byName)]));
        const extra = [...all].filter((part) => !first.has(part));
        rows.push({ name: `+ ${chunk.name}`, bytes: gzipBytes(extra), max: ROUTE_BYTES_MAX });
      }
      for (const row of rows) {
        const line = `${row.name.padEnd(24)} ${(row.bytes / 1000).toFixed(1).padStart(6)} kB JS gzip (limit ${row.max / 1000} kB)`;
        if (row.bytes > row.max) this.error(line);
        this.info(line);
      }
    },
  };
}

type Chunk = Rolldown.OutputChunk;

/** The chunks that each route loads. A chunk named `…-routes` only leads to the routes of its section. */
function routesOf(entry: Chunk, byName: Map<string, Chunk>): Chunk[][] {
  const chunksOf = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  return chunksOf(entry.dynamicImports).flatMap((chunk) =>
    chunk.name.endsWith('-routes') ? chunksOf(chunk.dynamicImports).map((route) => [chunk, route]) : [[chunk]],
  );
}

function withImports(start: Chunk, byName: Map<string, Chunk>, seen = new Set<Chunk>()): Set<Chunk> {
  if (seen.has(start)) return seen;
  seen.add(start);
  for (const name of start.imports) {
    const chunk = byName.get(name);
    if (chunk) withImports(chunk, byName, seen);
  }
  return seen;
}

function gzipBytes(chunks: Iterable<Chunk>): number {
  let bytes = 0;
  for (const chunk of chunks) bytes += gzipSync(chunk.code, { level: 9 }).length;
  return bytes;
}
