import { join } from 'node:path';
import ts from 'typescript';
import type { KubernetesObject } from './kubernetes-objects.ts';

/** A file that does not exist. Imports resolve as in a file of this folder. */
const SOURCE = join(import.meta.dirname, 'objects.generated.ts');

/**
 * Checks objects against the types of their kinds, and returns the errors. Unlike the JSON schemas of Kubernetes, types
 * reject fields that do not exist, which the API server would drop or reject.
 */
export function findTypeErrors(objects: readonly KubernetesObject[]): string[] {
  const source = objects
    .map(
      ({ apiVersion, kind }, index) => `import type { I${kind} as Kind${index} } from 'kubernetes-models/${apiVersion}/${kind}';`,
    )
    .concat(objects.map((object, index) => `export const object${index}: Kind${index} = ${JSON.stringify(object, null, 1)};`))
    .join('\n');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2024,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => path === SOURCE || fileExists(path);
  host.getSourceFile = (path, version, ...rest) =>
    path === SOURCE ? ts.createSourceFile(path, source, version) : getSourceFile(path, version, ...rest);
  const program = ts.createProgram([SOURCE], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    const before = source.slice(0, start).split('\n').length;
    return file?.fileName === SOURCE ? `${source.split('\n')[before - 1]?.trim()} ${message}` : message;
  });
}
