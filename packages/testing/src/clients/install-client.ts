import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INSTALLATION_DEADLINE_MS, runClient } from './run-client.ts';

/** Installed clients. They are not in the lockfile, because the platform does not need them. */
export const CLIENTS_FOLDER = join(resolve(import.meta.dirname, '../../../..'), '.clients');

/** Installs a package from npm, unless it is installed, with the installation script that it has itself. */
export async function installNpmClient(name: string, version: string): Promise<string> {
  const folder = join(CLIENTS_FOLDER, 'npm', name.replace('/', '-'));
  if (isInstalled(folder, version)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { [name]: version } }));
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const npm = (title: string, ...parameters: string[]) =>
    runClient({ title, program: 'npm', parameters, cwd: folder, deadlineMs: INSTALLATION_DEADLINE_MS });
  await npm(`npm installs ${name} ${version}`, 'install', '--ignore-scripts', ...options);
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8'));
  if (scripts.postinstall) await npm(`npm runs the installation script of ${name}`, 'rebuild', name, ...options);
  markInstalled(folder, version);
  return folder;
}

/** Creates a virtual environment with exactly these requirements, unless it exists. Returns the path of its Python. */
export async function installPythonClients(requirementsFile: string): Promise<string> {
  const requirements = readFileSync(requirementsFile, 'utf8');
  const folder = join(CLIENTS_FOLDER, 'python', requirementsFile.slice(requirementsFile.lastIndexOf('/') + 1));
  const python = join(folder, 'bin', 'python');
  if (isInstalled(folder, requirements)) return python;
  rmSync(folder, { recursive: true, force: true });
  const run = (title: string, program: string, ...parameters: string[]) =>
    runClient({ title, program, parameters, deadlineMs: INSTALLATION_DEADLINE_MS });
  await run('Python creates a virtual environment', 'python3', '-m', 'venv', folder);
  // Python compiles the modules that the clients import, which are a small part.
  const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--no-deps'];
  await run(`pip installs the clients`, python, '-m', 'pip', 'install', ...options, '-r', requirementsFile);
  markInstalled(folder, requirements);
  return python;
}

const MARK = 'installed.txt';

/** Returns whether an installation of exactly this content has finished. */
const isInstalled = (folder: string, content: string): boolean =>
  existsSync(join(folder, MARK)) && readFileSync(join(folder, MARK), 'utf8') === content;

const markInstalled = (folder: string, content: string): void => writeFileSync(join(folder, MARK), content);
