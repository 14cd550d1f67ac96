import type { ToolCandidate } from './tool-candidate.interface.js';
import type { NamedCandidate } from './tool-filter.js';
import {
  defaultToolName,
  type ToolNameContext,
  versionSuffix,
} from './tool-name.js';

/**
 * Names candidates. Those that differ by nothing but their version get it as a
 * suffix; other duplicates are left for {@link refuseDuplicates}, as a filter
 * may yet take one of them out.
 */
export function nameCandidates(
  candidates: readonly ToolCandidate[],
  toolName: (context: ToolNameContext) => string = defaultToolName,
): NamedCandidate[] {
  const named = candidates.map((candidate) => ({
    name: candidate.options.name ?? toolName(contextOf(candidate)),
    candidate,
  }));
  const byName = new Map<string, ToolCandidate[]>();
  for (const { name, candidate } of named) {
    byName.set(name, [...(byName.get(name) ?? []), candidate]);
  }
  return named.map(({ name, candidate }) => {
    const version = versionOf(candidate);
    const twins = byName.get(name) ?? [];
    return version !== undefined && differByVersion(twins)
      ? { name: `${name}${versionSuffix(version)}`, candidate }
      : { name, candidate };
  });
}

/**
 * Names are unique, and clients that fold case must not mix two tools up.
 *
 * @throws Error naming both origins and the remedy
 */
export function refuseDuplicates(candidates: readonly NamedCandidate[]): void {
  const seen = new Map<string, NamedCandidate>();
  for (const named of candidates) {
    const key = named.name.toLowerCase();
    const twin = seen.get(key);
    if (twin) {
      throw new Error(
        `Two tools would be named "${twin.name}"` +
          (twin.name === named.name ? '' : ` and "${named.name}"`) +
          `: ${twin.candidate.origin} and ${named.candidate.origin}. Rename ` +
          'one by @McpTool({ name }) or the toolName option, or leave one out ' +
          'by @McpHide() or a filter.',
      );
    }
    seen.set(key, named);
  }
}

function contextOf(candidate: ToolCandidate): ToolNameContext {
  const isRoute = candidate.kind === 'route';
  return {
    controller: candidate.owner.name,
    method: candidate.methodName,
    operationId: isRoute ? candidate.operation.operationId : undefined,
    httpMethod: isRoute ? candidate.httpMethod : undefined,
    path: isRoute ? candidate.url.path : undefined,
    version: versionOf(candidate),
  };
}

function versionOf(candidate: ToolCandidate): string | undefined {
  return candidate.kind === 'route' ? candidate.url.version : undefined;
}

function differByVersion(twins: readonly ToolCandidate[]): boolean {
  return (
    twins.length > 1 && new Set(twins.map(versionOf)).size === twins.length
  );
}
