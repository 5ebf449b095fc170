import type { FlowEdge, FlowNode, ParsedFlowchart } from './parse-flowchart.ts';

/** Lengths in pixels. */
const SIZE = { character: 7.2, line: 18, padding: 14, heightMin: 40, nodeGap: 28, rankGap: 44, margin: 16, charactersMax: 24 };

export interface PlacedNode extends FlowNode {
  x: number;
  y: number;
  width: number;
  height: number;
  lines: readonly string[];
}

export interface PlacedEdge extends FlowEdge {
  points: readonly { x: number; y: number }[];
  label: { x: number; y: number };
}

export interface FlowchartLayout {
  width: number;
  height: number;
  nodes: readonly PlacedNode[];
  edges: readonly PlacedEdge[];
  groups: readonly { title: string; x: number; y: number; width: number; height: number }[];
}

interface Cell {
  /** Size along the ranks and across them. */
  main: number;
  cross: number;
  rank: number;
  at: number;
  before: Cell[];
  after: Cell[];
}

/** Lays out a flowchart in layers: edges point forwards where they can, and pass between the nodes of the layers that they skip. */
export function layOutFlowchart({ direction, nodes, edges, groups }: ParsedFlowchart): FlowchartLayout {
  const isRight = direction === 'right';
  const sized = nodes.map((node) => ({ ...node, ...sizeOf(node) }));
  const ranks = rankNodes(nodes, edges);
  const cells = new Map<string, Cell>();
  const layers: Cell[][] = [];
  const addCell = (rank: number, main: number, cross: number): Cell => {
    const cell: Cell = { main, cross, rank, at: 0, before: [], after: [] };
    layers[rank] = [...(layers[rank] ?? []), cell];
    return cell;
  };
  for (const { id, width, height } of sized)
    cells.set(id, addCell(ranks.get(id) ?? 0, isRight ? width : height, isRight ? height : width));

  /** The cells that each edge passes, from its lower to its higher rank. */
  const routes = edges.map(({ from, to }) => {
    const ends = [cells.get(from), cells.get(to)].sort((a, b) => (a?.rank ?? 0) - (b?.rank ?? 0));
    const [start, end] = ends as [Cell, Cell];
    const route = [start];
    for (let rank = start.rank + 1; rank < end.rank; rank += 1) route.push(addCell(rank, 0, 16));
    route.push(end);
    for (const [index, cell] of route.slice(1).entries()) {
      const previous = route[index] as Cell;
      previous.after.push(cell);
      cell.before.push(previous);
    }
    return route;
  });
  for (let rank = 0; rank < layers.length; rank += 1) layers[rank] ??= [];
  placeAcross(layers);

  const labels = edges.map(({ text }) => text.length * SIZE.character);
  let main = SIZE.margin;
  const starts = layers.map((layer, rank) => {
    const start = main;
    const leaving = routes.flatMap((route, index) => (route[0]?.rank === rank ? [labels[index] ?? 0] : []));
    const room = isRight ? Math.max(0, ...leaving) + 16 : Math.max(0, ...leaving) > 0 ? 20 : 0;
    main += Math.max(0, ...layer.map((cell) => cell.main)) + Math.max(SIZE.rankGap, room + (isRight ? 16 : 30));
    return start;
  });
  const depth = (rank: number) => Math.max(0, ...(layers[rank] ?? []).map((cell) => cell.main));
  const toPoint = (along: number, across: number) => (isRight ? { x: along, y: across } : { x: across, y: along });
  const middle = (cell: Cell) => (starts[cell.rank] ?? 0) + depth(cell.rank) / 2;

  const placed = sized.map((node) => {
    const cell = cells.get(node.id) as Cell;
    return { ...node, ...toPoint(middle(cell), cell.at) };
  });
  const placedEdges = edges.map((edge, index): PlacedEdge => {
    const route = routes[index] ?? [];
    const isBackwards = cells.get(edge.from) !== route[0];
    const along = route.flatMap((cell, place) => {
      const half = place === 0 || place === route.length - 1 ? cell.main / 2 : depth(cell.rank) / 2;
      const [enter, leave] = [toPoint(middle(cell) - half, cell.at), toPoint(middle(cell) + half, cell.at)];
      return place === 0 ? [leave] : place === route.length - 1 ? [enter] : [enter, leave];
    });
    const points = isBackwards ? along.reverse() : along;
    const [first, second] = isBackwards ? points.slice(-2) : points;
    return {
      ...edge,
      points,
      label: { x: ((first?.x ?? 0) + (second?.x ?? 0)) / 2, y: ((first?.y ?? 0) + (second?.y ?? 0)) / 2 },
    };
  });
  const boxes = groups.map(({ title, nodes: ids }) => {
    const members = placed.filter(({ id }) => ids.includes(id));
    const left = Math.min(...members.map(({ x, width }) => x - width / 2)) - 12;
    const top = Math.min(...members.map(({ y, height }) => y - height / 2)) - 26;
    const right = Math.max(...members.map(({ x, width }) => x + width / 2)) + 12;
    const bottom = Math.max(...members.map(({ y, height }) => y + height / 2)) + 12;
    return { title, x: left, y: top, width: right - left, height: bottom - top };
  });
  const rights = [...placed.map(({ x, width }) => x + width / 2), ...boxes.map(({ x, width }) => x + width)];
  const bottoms = [...placed.map(({ y, height }) => y + height / 2), ...boxes.map(({ y, height }) => y + height)];
  return {
    width: Math.max(...rights) + SIZE.margin,
    height: Math.max(...bottoms) + SIZE.margin,
    ...{ nodes: placed, edges: placedEdges, groups: boxes.filter(({ width }) => Number.isFinite(width)) },
  };
}

function sizeOf({ label, shape }: FlowNode): { width: number; height: number; lines: string[] } {
  const lines = wrap(label);
  const text = Math.max(...lines.map((line) => line.length)) * SIZE.character;
  const extra = shape === 'decision' ? text * 0.35 + 16 : 0;
  return {
    lines,
    width: Math.max(56, text + 2 * SIZE.padding + extra),
    height: Math.max(SIZE.heightMin, lines.length * SIZE.line + 18) + (shape === 'box' || shape === 'round' ? 0 : 14),
  };
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < SIZE.charactersMax) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The longest path to each node. Edges that close a cycle do not count. */
function rankNodes(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): Map<string, number> {
  const ranks = new Map<string, number>();
  const visiting = new Set<string>();
  const ignored = new Set<FlowEdge>();
  const done = new Set<string>();
  const findCycles = (id: string) => {
    visiting.add(id);
    for (const edge of edges.filter(({ from }) => from === id)) {
      if (visiting.has(edge.to)) ignored.add(edge);
      else if (!done.has(edge.to)) findCycles(edge.to);
    }
    visiting.delete(id);
    done.add(id);
  };
  for (const { id } of nodes) if (!done.has(id)) findCycles(id);
  const rankOf = (id: string): number => {
    const known = ranks.get(id);
    if (known !== undefined) return known;
    const before = edges.filter((edge) => edge.to === id && !ignored.has(edge)).map((edge) => rankOf(edge.from) + 1);
    const rank = Math.max(0, ...before);
    ranks.set(id, rank);
    return rank;
  };
  for (const { id } of nodes) rankOf(id);
  return ranks;
}

const SWEEPS = 6;

/** Orders each layer by the mean of its neighbors, and moves cells towards them without overlaps. */
function placeAcross(layers: readonly Cell[][]): void {
  const spread = (layer: readonly Cell[]) => {
    let edge = 0;
    for (const cell of layer) {
      cell.at = Math.max(cell.at, edge + cell.cross / 2);
      edge = cell.at + cell.cross / 2 + SIZE.nodeGap;
    }
  };
  for (const layer of layers) spread(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForwards = sweep % 2 === 0;
    for (const layer of isForwards ? layers : [...layers].reverse()) {
      for (const cell of layer) {
        const near = isForwards ? cell.before : cell.after;
        if (near.length > 0) cell.at = near.reduce((sum, { at }) => sum + at, 0) / near.length;
      }
      layer.sort((a, b) => a.at - b.at);
      const wanted = layer.map(({ at }) => at);
      spread(layer);
      // Spreading only moves cells forwards, so the whole layer moves back by the mean of it.
      const shift = layer.reduce((sum, { at }, index) => sum + at - (wanted[index] ?? at), 0) / Math.max(1, layer.length);
      for (const cell of layer) cell.at -= shift;
    }
  }
  const first = Math.min(...layers.flat().map(({ at, cross }) => at - cross / 2));
  for (const cell of layers.flat()) cell.at += SIZE.margin + 14 - first;
}
