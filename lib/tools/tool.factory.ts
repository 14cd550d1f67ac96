import type { OperationBuild } from '../server/server-settings.js';
import {
  nameCandidates,
  refuseDuplicates,
  separateByPath,
} from './named-candidates.js';
import { createProviderTool } from './provider-tool.js';
import { createRouteTool } from './route-tool.js';
import { filterCandidates, type NamedCandidate } from './tool-filter.js';
import { checkToolName, roomForName, warnOfNames } from './tool-name.js';
import { gapsOf, type ToolGaps } from './tool-report.js';
import type { ToolExplorer } from './tool.explorer.js';
import type { Tool } from './tool.registry.js';

/** The tools of an application, and what is to be said of them. */
interface CreatedTools {
  readonly tools: readonly Tool[];
  /** What their models would have to guess. */
  readonly gaps: ToolGaps;
}

/**
 * Finds, names, filters and builds tools: everything that does not change from
 * call to call is computed here.
 *
 * @throws Error naming what is wrong, and the decorated tool whose schema or route is to blame
 */
export function createTools(
  explorer: ToolExplorer,
  build: OperationBuild,
): CreatedTools {
  const candidates = exposed(explorer, build);
  const callable = build.invokers.callable(
    candidates,
    ({ candidate }) => candidate.kind === 'route',
    'tools',
    build.warn,
  );
  const tools = callable.flatMap((each) => createTool(each, build) ?? []);
  return { tools, gaps: gapsOf(tools, candidates) };
}

function exposed(
  explorer: ToolExplorer,
  { settings, warn }: OperationBuild,
): readonly NamedCandidate[] {
  const { expose, include, exclude } = settings;
  const kept = separateByPath(
    filterCandidates(
      nameCandidates(explorer.explore({ expose, warn }), settings),
      include,
      exclude,
      warn,
    ),
    settings,
    warn,
  );
  for (const { name, candidate } of kept) {
    checkToolName(name, candidate.origin);
  }
  warnOfNames(
    kept.map(({ name }) => name),
    roomForName(settings.name),
    warn,
  );
  refuseDuplicates(kept);
  explorer.warnOfShadowed(
    kept.map(({ candidate }) => candidate),
    warn,
  );
  return kept;
}

/** Undefined for a route that only `expose: 'all'` asks for, and that has no description as a tool. */
function createTool(
  { name, candidate }: NamedCandidate,
  build: OperationBuild,
): Tool | undefined {
  if (candidate.kind === 'provider') {
    return createProviderTool(name, candidate, build);
  }
  try {
    return createRouteTool(name, candidate, build);
  } catch (error) {
    if (candidate.isDecorated) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    build.warn(`${candidate.origin} is not exposed: ${reason}`);
    return undefined;
  }
}
