import type { Type } from '@nestjs/common';
import { METHODS } from 'node:http';
import type { ToolCandidate } from './tool.registry.js';
import type { ToolFilter } from '../server/tool-filter.interface.js';

/** A candidate with the name it would have. */
export interface NamedCandidate {
  readonly name: string;
  readonly candidate: ToolCandidate;
}

/** One entry of one list of a filter, as `controllers: "CatsController"`. */
interface FilterEntry {
  readonly label: string;
  matches(named: NamedCandidate): boolean;
}

/**
 * Keeps what `include` names and `exclude` does not; exclude always wins. An
 * entry that matches nothing is reported, as it is most likely misspelt.
 */
export function filterCandidates(
  candidates: readonly NamedCandidate[],
  include: ToolFilter | undefined,
  exclude: ToolFilter | undefined,
  warn: (message: string) => void,
): NamedCandidate[] {
  const included = entriesOf('include', include);
  const excluded = entriesOf('exclude', exclude);
  for (const [option, entries] of [
    ['include', included],
    ['exclude', excluded],
  ] as const) {
    for (const entry of entries) {
      if (!candidates.some((candidate) => entry.matches(candidate))) {
        warn(`The filter ${option}.${entry.label} matches no tool.`);
      }
    }
  }
  return candidates.filter(
    (named) =>
      (include === undefined || included.some((e) => e.matches(named))) &&
      !excluded.some((e) => e.matches(named)),
  );
}

/** @throws Error for a method that HTTP does not have: what it names would stay exposed */
function entriesOf(option: string, filter: ToolFilter = {}): FilterEntry[] {
  for (const method of filter.methods ?? []) {
    if (!METHODS.includes(method.toUpperCase())) {
      throw new Error(
        `McpModule: ${option}.methods has "${method}", which is no HTTP method. ` +
          'Write one such as "GET".',
      );
    }
  }
  const entries = <T>(
    list: keyof ToolFilter,
    values: readonly T[] | undefined,
    matches: (value: T, named: NamedCandidate) => boolean,
  ): FilterEntry[] =>
    (values ?? []).map((value) => ({
      label: `${list}: "${nameOf(value)}"`,
      matches: (named) => matches(value, named),
    }));
  return [
    ...entries('tools', filter.tools, (name, named) => named.name === name),
    ...entries('operations', filter.operations, (id, { candidate }) =>
      candidate.kind === 'route'
        ? candidate.operation.operationId === id
        : false,
    ),
    ...entries('tags', filter.tags, (tag, { candidate }) =>
      candidate.kind === 'route'
        ? candidate.operation.tags.includes(tag)
        : false,
    ),
    ...entries('controllers', filter.controllers, (owner, { candidate }) =>
      typeof owner === 'string'
        ? candidate.owner.name === owner
        : candidate.owner === owner,
    ),
    ...entries(
      'modules',
      filter.modules,
      (module, { candidate }) => candidate.moduleName === nameOf(module),
    ),
    ...entries('methods', filter.methods, (method, { candidate }) =>
      candidate.kind === 'route'
        ? candidate.httpMethod === method.toUpperCase()
        : false,
    ),
    ...entries('paths', filter.paths, (path, { candidate }) =>
      candidate.kind === 'route'
        ? pathMatches(candidate.url.path, path)
        : false,
    ),
  ];
}

function pathMatches(path: string, given: string): boolean {
  const pattern = given.startsWith('/') ? given : `/${given}`;
  if (!pattern.endsWith('/*')) {
    return path === pattern;
  }
  const base = pattern.slice(0, -2);
  return path === base || path.startsWith(`${base}/`);
}

function nameOf(value: unknown): string {
  return typeof value === 'function'
    ? (value as Type<unknown>).name
    : String(value);
}
