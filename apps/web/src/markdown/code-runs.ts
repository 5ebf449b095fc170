import type { createLowlight } from 'lowlight';

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>;
type Node = Tree['children'][number];

/** A piece of code with the classes that colour it, e.g. `['hljs-keyword', 'const']`. */
export type CodeRun = readonly [className: string, text: string];

/** A highlighted tree as a flat list, which is cheap to send between threads and to render. */
export function flattenRuns(tree: Tree): CodeRun[] {
  const runs: CodeRun[] = [];
  const visit = (node: Node, className: string) => {
    if (node.type === 'text') runs.push([className, node.value]);
    if (node.type !== 'element') return;
    const own = node.properties.className;
    const inner = Array.isArray(own) ? own.join(' ') : className;
    for (const child of node.children) visit(child, inner);
  };
  for (const child of tree.children) visit(child, '');
  return runs;
}
