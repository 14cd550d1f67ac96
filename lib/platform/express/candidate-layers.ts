import { gatedLayer, type Gate } from './express-gate.js';
import { ExpressRouteIndex } from './express-route-index.js';
import {
  knownLayers,
  type ExpressLayer,
  type ExpressRouter,
} from './express-router.interface.js';

/**
 * The layers of an Express router without the routes that cannot match a path.
 * What is left are the router's own layers, in their order.
 */
export class CandidateLayers {
  private source: readonly ExpressLayer[] = [];
  private gated: readonly ExpressLayer[] = [];
  private index: ExpressRouteIndex | undefined;

  constructor(
    private readonly router: ExpressRouter,
    private readonly gate: Gate = () => undefined,
  ) {}

  /** All layers, where it is not known which could match. */
  allLayers(): ExpressLayer[] {
    return this.router.stack.map((layer) => gatedLayer(layer, this.gate));
  }

  /**
   * The layers to try for a path, those after `door` or all. An array of its
   * own for each request: middleware may rewrite the path, and the routes left
   * out come back then.
   *
   * @param door a middleware's function
   * @returns undefined where layers are not like those known, or the door is not among them
   */
  layersFor(path: string, door?: unknown): ExpressLayer[] | undefined {
    const index = this.refreshed();
    const { gated: source } = this;
    if (index === undefined) return undefined;
    let from = 0;
    if (door !== undefined) {
      from = source.findIndex(({ handle }) => handle === door) + 1;
      if (from === 0) return undefined;
    }
    const layers: ExpressLayer[] = [];
    const leaveOutUpTo = (to: number) => {
      if (from < to) layers.push(gap(path, layers, source, from, to));
    };
    for (const position of index.candidatesFor(path)) {
      const layer = source[position];
      if (position < from || layer === undefined) continue;
      leaveOutUpTo(position);
      layers.push(layer);
      from = position + 1;
    }
    leaveOutUpTo(source.length);
    return layers;
  }

  /** Routes may be added and removed at any time. */
  private refreshed(): ExpressRouteIndex | undefined {
    const { stack } = this.router;
    if (!sameLayers(stack, this.source)) {
      this.source = [...stack];
      this.index = knownLayers(stack) ? indexOf(stack) : undefined;
      this.gated = stack.map((layer) => gatedLayer(layer, this.gate));
    }
    return this.index;
  }
}

function indexOf(layers: readonly ExpressLayer[]): ExpressRouteIndex {
  const index = new ExpressRouteIndex();
  layers.forEach(({ route }, position) => {
    if (route) index.add(position, route.path);
    else index.addUnconditionally(position);
  });
  return index;
}

function sameLayers(
  some: readonly ExpressLayer[],
  others: readonly ExpressLayer[],
): boolean {
  if (some.length !== others.length) return false;
  // Every call comes by here: no function call a layer.
  for (let i = 0; i < some.length; i++) {
    if (some[i] !== others[i]) return false;
  }
  return true;
}

/** Stands for routes that cannot match the path; for another path they are put in behind it. */
function gap(
  path: string,
  layers: ExpressLayer[],
  source: readonly ExpressLayer[],
  from: number,
  to: number,
): ExpressLayer {
  let open = true;
  const layer: ExpressLayer = {
    match: (current) => {
      if (open && current !== path) {
        open = false;
        const leftOut = source.slice(from, to);
        layers.splice(layers.indexOf(layer) + 1, 0, ...leftOut);
      }
      return false;
    },
  };
  return layer;
}
