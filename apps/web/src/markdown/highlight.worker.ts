import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import graphql from 'highlight.js/lib/languages/graphql';
import http from 'highlight.js/lib/languages/http';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import makefile from 'highlight.js/lib/languages/makefile';
import markdown from 'highlight.js/lib/languages/markdown';
import nginx from 'highlight.js/lib/languages/nginx';
import php from 'highlight.js/lib/languages/php';
import protobuf from 'highlight.js/lib/languages/protobuf';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';

const lowlight = createLowlight({
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  graphql,
  http,
  ini,
  java,
  javascript,
  json,
  kotlin,
  makefile,
  markdown,
  nginx,
  php,
  protobuf,
  python,
  ruby,
  rust,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
});

export interface HighlightRequest {
  id: number;
  code: string;
  language: string;
}

export interface HighlightReply {
  id: number;
  /** Null for an unsupported language. */
  runs: CodeRun[] | null;
}

addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, code, language } = data;
  const runs = lowlight.registered(language) ? flattenRuns(lowlight.highlight(language, code)) : null;
  postMessage({ id, runs } satisfies HighlightReply);
});

type Tree = ReturnType<ReturnType<typeof createLowlight>['highlight']>;
type Node = Tree['children'][number];

/** A piece of code with its highlighting classes, such as `['hljs-keyword', 'const']`. */
export type CodeRun = readonly [className: string, text: string];

/** Flattens a highlighted tree, so that it is cheap to send between threads and to render. */
function flattenRuns(tree: Tree): CodeRun[] {
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
