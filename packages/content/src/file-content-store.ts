import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, posix, relative, resolve, sep } from 'node:path';
import { AppError, type ContentEntry, type SourceEntry } from '@prodigon/contracts';
import { type Configuration, REPOSITORY_ROOT } from '@prodigon/platform/configuration';
import type { ContentStore } from '@prodigon/ports';
import { checkContentPath, isHidden, isInside } from './content-path.ts';
import { listMarkdownFiles } from './list-markdown-files.ts';
import { titleOfMarkdown } from './markdown-sections.ts';
import { isSourceFile, isSourcePath } from './source-path.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
};

/** Larger files are data, e.g. the lock file of the packages. */
const SOURCE_BYTES_MAX = 512 * 1024;
const byName = new Intl.Collator('en', { numeric: true });

export interface FileContentStoreOptions {
  /** The absolute path of the repository. */
  readonly rootDirectory: string;
  /** Readable files and folders relative to it, in reading order. They need not exist. */
  readonly entries: readonly string[];
  /** A folder with secrets. The store never reads it, even if an entry contains it. */
  readonly excludedDirectory?: string | undefined;
}

/** Creates the store of the configured pages. */
export function createContentStore({ CONTENT_DIRS, DATA_DIR }: Configuration): ContentStore {
  const excludedDirectory = resolve(REPOSITORY_ROOT, DATA_DIR);
  return createFileContentStore({ rootDirectory: REPOSITORY_ROOT, entries: CONTENT_DIRS, excludedDirectory });
}

/**
 * Creates a store that reads the repository's pages from disk. It throws `INVALID_PATH` for a path outside the entries,
 * also through a symbolic link. It throws `NOT_FOUND` for hidden paths and files of other types. SVG images can contain
 * scripts, so servers must forbid scripts by header.
 *
 * Listing costs one `stat` per page. A title is read again only when its file has changed.
 */
export function createFileContentStore({
  rootDirectory,
  entries: given,
  excludedDirectory,
}: FileContentStoreOptions): ContentStore {
  const entries = given.map(normalizeEntry);
  let titles = new Map<string, { version: string; title: string }>();
  let listing: Promise<ContentEntry[]> | null = null;

  async function list(): Promise<ContentEntry[]> {
    const known = titles;
    const fresh: typeof titles = new Map();
    for (const path of await listMarkdownFiles(rootDirectory, entries)) {
      const file = join(rootDirectory, path);
      const status = await stat(file).catch(() => null);
      if (!status) continue;
      const version = `${status.mtimeMs} ${status.size}`;
      const before = known.get(path);
      const title = before?.version === version ? before.title : await readTitle(file);
      fresh.set(path, { version, title });
    }
    titles = fresh;
    return [...fresh].map(([path, { title }]) => ({ path, title }));
  }

  /** Returns whether a real path is the excluded folder or inside it. */
  async function isExcluded(path: string): Promise<boolean> {
    if (excludedDirectory === undefined) return false;
    const excluded = await realpath(excludedDirectory).catch(() => excludedDirectory);
    return path === excluded || path.startsWith(excluded + sep);
  }

  /** Returns the real file behind a path. Checks both the path and the target of symbolic links. */
  async function locate(path: string): Promise<string> {
    checkContentPath(path);
    if (!isInside(path, entries)) throw new AppError('INVALID_PATH');
    if (isHidden(path)) throw new AppError('NOT_FOUND');
    const root = await realpath(rootDirectory);
    const file = await realpath(join(root, path)).catch(notFound);
    const real = relative(root, file).split(sep).join('/');
    if (real.startsWith('..') || !isInside(real, entries)) throw new AppError('INVALID_PATH');
    if (isHidden(real) || (await isExcluded(file))) throw new AppError('NOT_FOUND');
    return file;
  }

  /** Returns the real file or folder behind a path of the repository's code. */
  async function locateSource(path: string): Promise<string> {
    checkContentPath(path);
    if (!isSourcePath(path)) throw new AppError('NOT_FOUND');
    const root = await realpath(rootDirectory);
    const target = await realpath(join(root, path)).catch(notFound);
    const isSource = isSourcePath(relative(root, target).split(sep).join('/'));
    if (!isSource || (await isExcluded(target))) throw new AppError('NOT_FOUND');
    return target;
  }

  async function listSource(path: string, folder: string): Promise<SourceEntry[]> {
    const children = await readdir(folder, { withFileTypes: true }).catch(notFound);
    return children
      .flatMap((child): SourceEntry[] => {
        const childPath = `${path}/${child.name}`;
        if (!isSourcePath(childPath)) return [];
        if (child.isDirectory()) return [{ path: childPath, kind: 'folder' }];
        return child.isFile() && isSourceFile(childPath) ? [{ path: childPath, kind: 'file' }] : [];
      })
      .sort((a, b) => Number(a.kind === 'file') - Number(b.kind === 'file') || byName.compare(a.path, b.path));
  }

  async function readChecked(path: string, accepts: (extension: string) => boolean): Promise<Buffer> {
    const file = await locate(path);
    // With a symbolic link, the request names one extension and the target has another, so both must match.
    const isAccepted = accepts(extensionOf(path)) && accepts(extensionOf(file));
    if (!isAccepted || !(await stat(file).catch(notFound)).isFile()) throw new AppError('NOT_FOUND');
    return readFile(file).catch(notFound);
  }

  return {
    list() {
      listing ??= list().finally(() => {
        listing = null;
      });
      return listing;
    },
    async read(path) {
      const bytes = await readChecked(path, (extension) => extension === '.md');
      return bytes.toString('utf8');
    },
    async readAsset(path) {
      const mediaType = MEDIA_TYPES[extensionOf(path)];
      const bytes = await readChecked(path, (extension) => mediaType !== undefined && MEDIA_TYPES[extension] === mediaType);
      return { bytes, mediaType: mediaType ?? 'application/octet-stream' };
    },
    async readSource(path) {
      const target = await locateSource(path);
      const status = await stat(target).catch(notFound);
      if (status.isDirectory()) return { path, entries: await listSource(path, target) };
      // With a symbolic link, the request names one file and the target is another, so both must match.
      const isReadable = status.isFile() && status.size <= SOURCE_BYTES_MAX && isSourceFile(path) && isSourceFile(target);
      if (!isReadable) throw new AppError('NOT_FOUND');
      return { path, content: await readFile(target, 'utf8').catch(notFound) };
    },
  };
}

/** Normalizes `./docs/` to `docs`. Throws when the entry is outside the root, which is a configuration error. */
function normalizeEntry(entry: string): string {
  const normalized = posix.normalize(entry).replace(/\/$/, '');
  if (posix.isAbsolute(normalized) || normalized.startsWith('..')) {
    throw new Error(`Content must be inside the repository, but "${entry}" is not.`);
  }
  return normalized;
}

async function readTitle(file: string): Promise<string> {
  const markdown = await readFile(file, 'utf8').catch(() => '');
  return titleOfMarkdown(markdown) ?? basename(file, extname(file));
}

function extensionOf(path: string): string {
  return extname(path).toLowerCase();
}

function notFound(cause: unknown): never {
  throw new AppError('NOT_FOUND', undefined, { cause });
}
