import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { findProgram } from '../find-program.ts';
import type { KubernetesObject } from './kubernetes-objects.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');

/** The programs that can build a kustomization, the preferred one first. The last one downloads and compiles kustomize. */
const BUILDERS = [
  { names: ['kubectl'], parameters: ['kustomize'] },
  { names: ['kustomize'], parameters: ['build'] },
  { names: ['go'], parameters: ['run', 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1', 'build'] },
] as const;

/** Builds a kustomization, by its path in the repository or an absolute one. Throws an error if no program can build it. */
export async function buildKustomization(folder: string): Promise<readonly KubernetesObject[]> {
  for (const { names, parameters } of BUILDERS) {
    const program = findProgram({ names });
    if (program === undefined) continue;
    const { stdout } = await promisify(execFile)(program, [...parameters, resolve(ROOT, folder)]);
    return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
  }
  throw new Error('The tests of the Kubernetes manifests need kubectl, kustomize or Go on PATH. Install one and run them again.');
}
