import type { ReadFile } from './lesson-files.ts';

interface Region {
  readonly code?: string;
  readonly problem?: string;
}

const START = /^\s*(?:\/\/|#|--) #region ([\w-]+)\s*$/;
const END = /^\s*(?:\/\/|#|--) #endregion\b/;

/**
 * Returns the lines between `// #region name` and its `// #endregion`, without the marks of inner regions and without
 * common indentation. Without a region, returns the whole file.
 */
export function readRegion(file: string, region: string | undefined, read: ReadFile): Region {
  const text = read(file);
  if (text === undefined) return { problem: `${file} does not exist` };
  const lines = text.replace(/\n$/, '').split('\n');
  if (region === undefined) return { code: withoutMarks(lines) };
  const starts = lines.flatMap((line, index) => (START.exec(line)?.[1] === region ? [index] : []));
  const [start] = starts;
  if (start === undefined) return { problem: `${file} has no region "${region}"` };
  if (starts.length > 1) return { problem: `${file} has several regions "${region}"` };
  let depth = 0;
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (START.test(line)) depth += 1;
    else if (END.test(line)) depth -= 1;
    if (depth === 0) return { code: withoutMarks(lines.slice(start + 1, index)) };
  }
  return { problem: `the region "${region}" of ${file} has no end` };
}

function withoutMarks(lines: readonly string[]): string {
  const code = lines.filter((line) => !START.test(line) && !END.test(line));
  const indents = code.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const common = Math.min(...indents);
  return code.map((line) => line.slice(Number.isFinite(common) ? common : 0)).join('\n');
}
