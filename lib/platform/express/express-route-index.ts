import { LegacyRouteConverter } from '../../nest/endpoint-path.js';
import { parse } from 'path-to-regexp';

/** A path as Nest registers it on Express: `/files/*` is `/files/{*path}` there. */
export function expressPath(path: string): string {
  return LegacyRouteConverter.tryConvert(path, { logs: false });
}

/** What two paths have in common that Express cannot tell apart: it minds neither case nor a slash at the end. */
export function comparablePath(path: string): string {
  return path.toLowerCase().replace(/(?<=.)\/$/, '');
}

/** What Express takes for a route's path. */
export type ExpressRoutePath = string | RegExp | readonly ExpressRoutePath[];

/** One segment of all patterns that begin alike. */
interface Branch {
  readonly literals: Map<string, Branch>;
  /** Where a segment with a parameter leads. */
  any?: Branch;
  /** Positions of the routes that end here. */
  readonly ends: number[];
  /** Positions of the routes that may go on in any way from here. */
  readonly open: number[];
}

/** Segments in lower case, undefined for any text. */
interface Pattern {
  readonly segments: readonly (string | undefined)[];
  readonly open: boolean;
}

const UNREADABLE: Pattern = { segments: [], open: true };

/**
 * Tells which routes of an Express router could match a path. It may name a
 * route too many, for the route's own pattern has the last word, and never one
 * too few.
 */
export class ExpressRouteIndex {
  private readonly root = createBranch();

  /** @param position the route's place among all layers of the router */
  add(position: number, path: ExpressRoutePath): void {
    for (const { segments, open } of patternsOf(path)) {
      let branch = this.root;
      for (const segment of segments) branch = grow(branch, segment);
      (open ? branch.open : branch.ends).push(position);
    }
  }

  /** For a middleware, which has a part in every path. */
  addUnconditionally(position: number): void {
    this.root.open.push(position);
  }

  /** Positions of the layers that could match, in order; one may come twice. */
  candidatesFor(path: string): number[] {
    const candidates: number[] = [];
    let level = [this.root];
    for (const segment of segmentsOf(path.toLowerCase())) {
      const next: Branch[] = [];
      for (const { literals, any, open } of level) {
        candidates.push(...open);
        const literal = literals.get(segment);
        if (literal !== undefined) next.push(literal);
        if (any !== undefined) next.push(any);
      }
      level = next;
    }
    for (const { ends, open } of level) candidates.push(...ends, ...open);
    return candidates.sort((a, b) => a - b);
  }
}

function createBranch(): Branch {
  return { literals: new Map(), ends: [], open: [] };
}

function grow(branch: Branch, segment: string | undefined): Branch {
  if (segment === undefined) return (branch.any ??= createBranch());
  let next = branch.literals.get(segment);
  if (next === undefined) {
    next = createBranch();
    branch.literals.set(segment, next);
  }
  return next;
}

function patternsOf(path: ExpressRoutePath): Pattern[] {
  if (typeof path === 'string') return [patternOf(path)];
  return Array.isArray(path)
    ? path.flatMap((each: ExpressRoutePath) => patternsOf(each))
    : [UNREADABLE];
}

function patternOf(path: string): Pattern {
  let tokens;
  try {
    tokens = parse(path).tokens;
  } catch {
    return UNREADABLE;
  }
  const segments: (string | undefined)[] = [];
  let segment: string | undefined = '';
  for (const token of tokens) {
    if (token.type === 'text') {
      const [first = '', ...rest] = token.value.split('/');
      segment = segment === undefined ? undefined : segment + first;
      for (const text of rest) {
        segments.push(segment);
        segment = text;
      }
    } else if (token.type === 'param') {
      segment = undefined;
    } else {
      return { segments: trimmed(segments).map(comparable), open: true };
    }
  }
  segments.push(segment);
  return { segments: trimmed(segments).map(comparable), open: false };
}

/** In a regular expression, letters beyond ASCII are not equal by lower case. */
function comparable(segment: string | undefined): string | undefined {
  return segment === undefined || /[^ -~]/.test(segment)
    ? undefined
    : segment.toLowerCase();
}

function segmentsOf(path: string): string[] {
  return trimmed(path.split('/'));
}

/** Without slashes at the end, which only strict routing minds. */
function trimmed<T>(segments: T[]): T[] {
  while (segments.at(-1) === '') segments.pop();
  return segments;
}
