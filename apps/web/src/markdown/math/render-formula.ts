import type katex from 'katex';

/** Bounds what a hostile formula can cost, and disables commands that load or link anything. */
const OPTIONS = {
  throwOnError: true,
  trust: false,
  strict: 'ignore',
  output: 'htmlAndMathml',
  maxExpand: 200,
  /** In em. */
  maxSize: 20,
} as const;

/** KaTeX exports this for its extensions, but its types omit it. */
interface TreeRenderer {
  __renderToDomTree: (tex: string, options: object) => TreeNode & { toNode: () => Node };
}

interface TreeNode {
  attributes?: Record<string, string>;
  children?: readonly TreeNode[];
}

/** Renders TeX as an element; undefined if it is not valid. */
export function renderFormula(renderer: typeof katex, tex: string, isDisplay: boolean): Node | undefined {
  try {
    const { __renderToDomTree } = renderer as unknown as TreeRenderer;
    const tree = __renderToDomTree(tex, { ...OPTIONS, displayMode: isDisplay });
    dropStyleAttributes(tree);
    return tree.toNode();
  } catch {
    return undefined;
  }
}

/** The content security policy forbids style attributes. KaTeX has them in hidden MathML only, and sets other styles by script. */
function dropStyleAttributes(node: TreeNode): void {
  if (node.attributes) delete node.attributes.style;
  for (const child of node.children ?? []) dropStyleAttributes(child);
}
