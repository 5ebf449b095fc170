// Draws Mermaid diagrams for the web UI, which shows this document in a hidden frame. The frame has an origin of its own, no
// network and no storage, because Mermaid needs inline styles, and its source comes from a model.
const MAX_EDGES = 200;

/** Downloads Mermaid once. */
let download;
function loadMermaid(url) {
  download ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = url;
    script.onload = () => resolve(globalThis.mermaid);
    script.onerror = () => reject(new Error('Mermaid could not be downloaded'));
    document.head.append(script);
  });
  return download;
}

async function draw({ id, source, isDark, script, maxTextSize }) {
  const mermaid = await loadMermaid(script);
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    suppressErrorRendering: true,
    theme: isDark ? 'dark' : 'default',
    // An SVG image shows neither HTML nor the fonts of the page.
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    fontFamily: 'system-ui, sans-serif',
    maxTextSize,
    maxEdges: MAX_EDGES,
    secure: ['secure', 'securityLevel', 'startOnLoad', 'suppressErrorRendering', 'maxTextSize', 'maxEdges', 'htmlLabels'],
  });
  const { svg } = await mermaid.render(`diagram-${id}`, source);
  const element = new DOMParser().parseFromString(svg, 'text/html').querySelector('svg');
  const { width, height } = element.viewBox.baseVal;
  element.setAttribute('width', String(width));
  element.setAttribute('height', String(height));
  return { id, svg: new XMLSerializer().serializeToString(element), width, height };
}

let last = Promise.resolve();
addEventListener('message', ({ data, source, origin }) => {
  if (source !== parent) return;
  // One after another: Mermaid keeps its configuration for all diagrams.
  last = last.then(() =>
    draw(data).then(
      (diagram) => parent.postMessage(diagram, origin),
      () => parent.postMessage({ id: data.id, svg: null }, origin),
    ),
  );
});
