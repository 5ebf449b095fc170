import mermaidUrl from '@mermaid-js/tiny/dist/mermaid.tiny.js?url';

/** Longer sources are not drawn, because layout takes too long. */
export const DIAGRAM_CHARACTERS_MAX = 10_000;
const SVG_CHARACTERS_MAX = 2_000_000;
/** Includes the download of Mermaid. */
const TIMEOUT_MS = 20_000;

export interface DrawnDiagram {
  /** The SVG document. */
  svg: string;
  width: number;
  height: number;
}

interface Reply extends Partial<DrawnDiagram> {
  id: number;
}

let frame: Promise<HTMLIFrameElement> | undefined;
let lastId = 0;
const pending = new Map<number, (diagram: DrawnDiagram | null) => void>();

/**
 * Draws a diagram in a frame that has an origin of its own, and neither network nor storage. Resolves with null if the source is
 * not valid, too large or takes too long.
 */
export async function drawMermaid(source: string, isDark: boolean): Promise<DrawnDiagram | null> {
  if (source.length > DIAGRAM_CHARACTERS_MAX) return null;
  frame ??= openFrame();
  const { contentWindow } = await frame;
  const id = ++lastId;
  const { promise, resolve } = Promise.withResolvers<DrawnDiagram | null>();
  const timer = setTimeout(closeFrame, TIMEOUT_MS);
  pending.set(id, (diagram) => {
    clearTimeout(timer);
    pending.delete(id);
    resolve(diagram);
  });
  const script = new URL(mermaidUrl, location.href).href;
  // The origin of the frame has no name. It receives only the source.
  contentWindow?.postMessage({ id, source, isDark, script, maxTextSize: DIAGRAM_CHARACTERS_MAX }, '*');
  return promise;
}

async function openFrame(): Promise<HTMLIFrameElement> {
  const element = document.createElement('iframe');
  element.src = '/diagram-frame.html';
  element.sandbox.add('allow-scripts');
  element.title = 'Diagram renderer';
  element.tabIndex = -1;
  element.ariaHidden = 'true';
  // Mermaid measures text, so the frame needs a layout.
  element.className = 'pointer-events-none invisible fixed top-0 left-0 h-dvh w-dvw border-0 print:hidden';
  const { promise, resolve } = Promise.withResolvers<HTMLIFrameElement>();
  element.addEventListener('load', () => resolve(element), { once: true });
  document.body.append(element);
  addEventListener('message', onMessage);
  return promise;
}

function onMessage({ source, data }: MessageEvent<Reply>): void {
  const window = document.querySelector<HTMLIFrameElement>('iframe[src="/diagram-frame.html"]')?.contentWindow;
  if (!window || source !== window) return;
  const { id, svg, width, height } = data;
  const isUsable = typeof svg === 'string' && svg.length <= SVG_CHARACTERS_MAX && Number(width) > 0 && Number(height) > 0;
  pending.get(id)?.(isUsable ? { svg, width: Number(width), height: Number(height) } : null);
}

/** Ends a diagram that takes too long, and all that wait behind it. The next one gets a new frame. */
function closeFrame(): void {
  document.querySelector('iframe[src="/diagram-frame.html"]')?.remove();
  removeEventListener('message', onMessage);
  frame = undefined;
  for (const resolve of [...pending.values()]) resolve(null);
}
