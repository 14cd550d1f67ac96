import type { RouteCandidate, ToolCandidate } from './tool.registry.js';
import type { ServerSettings } from '../server/server-settings.js';
import type { NamedCandidate } from './tool-filter.js';
import {
  defaultToolName,
  hashedName,
  portableName,
  roomForName,
  toSnakeCase,
  versionSuffix,
} from './tool-name.js';
import { nameContextOf, versionOf } from './tool-context.js';

/** What the server's options say of names. */
type Naming = Pick<ServerSettings, 'name' | 'toolName'>;

/**
 * Names candidates. Those that differ by their version alone get it as a
 * suffix; other duplicates are left for {@link refuseDuplicates}, as a filter
 * may yet take one of them out. Names that nobody chose are made to fit.
 */
export function nameCandidates(
  candidates: readonly ToolCandidate[],
  naming: Naming,
): NamedCandidate[] {
  const { toolName = defaultToolName } = naming;
  const named = candidates.map((candidate) => ({
    name: candidate.options.name ?? toolName(nameContextOf(candidate)),
    candidate,
  }));
  const byName = new Map<string, ToolCandidate[]>();
  for (const { name, candidate } of named) {
    byName.set(name, [...(byName.get(name) ?? []), candidate]);
  }
  const versioned = named.map(({ name, candidate }) => {
    const version = versionOf(candidate);
    const twins = byName.get(name) ?? [];
    return version !== undefined && differByVersion(twins)
      ? { name: `${name}${versionSuffix(version)}`, candidate }
      : { name, candidate };
  });
  return naming.toolName ? versioned : fitted(versioned, naming);
}

/** Names that would be the same once they are shortened end in a hash. */
function fitted(
  named: readonly NamedCandidate[],
  { name: server }: Naming,
): NamedCandidate[] {
  const room = roomForName(server);
  const shortened = named.map(({ name, candidate }) =>
    candidate.options.name === undefined ? portableName(name, room) : name,
  );
  const originals = new Map<string, Set<string>>();
  shortened.forEach((short, i) => {
    const key = short.toLowerCase();
    originals.set(key, (originals.get(key) ?? new Set()).add(named[i]!.name));
  });
  return named.map(({ name, candidate }, i) => {
    const short = shortened[i]!;
    const isShared = (originals.get(short.toLowerCase())?.size ?? 0) > 1;
    return {
      name: isShared && short !== name ? hashedName(name, room) : short,
      candidate,
    };
  });
}

/**
 * Tells tools of one name apart by their paths, with a warning, where the name
 * is none that somebody chose: two modules may each have a `UsersController`.
 *
 * Where the option `toolName` chooses, its names stay as they are.
 */
export function separateByPath(
  named: readonly NamedCandidate[],
  naming: Naming,
  warn: (message: string) => void,
): readonly NamedCandidate[] {
  const twins = new Map<string, NamedCandidate[]>();
  for (const one of named) {
    const key = one.name.toLowerCase();
    twins.set(key, [...(twins.get(key) ?? []), one]);
  }
  return named.map((one) => {
    const group = twins.get(one.name.toLowerCase()) ?? [];
    const routes = group.map(({ candidate }) => candidate).filter(isNamedByUs);
    if (
      group.length === 1 ||
      routes.length < group.length ||
      naming.toolName !== undefined ||
      one.candidate.kind !== 'route'
    ) {
      return one;
    }
    const name = portableName(
      prefixOf(one.candidate, routes, one.name) + one.name,
      roomForName(naming.name),
    );
    if (one === group[0]) {
      warn(
        `${group.length} tools would be named "${one.name}", and are told apart ` +
          `by their paths: ${routes.map(({ origin }) => origin).join(', ')}. ` +
          'Name them by @McpTool({ name }) or the toolName option.',
      );
    }
    return { ...one, name };
  });
}

function isNamedByUs(candidate: ToolCandidate): candidate is RouteCandidate {
  return candidate.kind === 'route' && candidate.options.name === undefined;
}

/**
 * The fixed beginning of the path, less what the paths have in common and what
 * the name begins with: `admin_` for `users_list` at `/api/admin/users`.
 */
function prefixOf(
  candidate: RouteCandidate,
  twins: readonly RouteCandidate[],
  name: string,
): string {
  const paths = twins.map(fixedSegments);
  const own = fixedSegments(candidate);
  const common = own.findIndex((segment, i) =>
    paths.some((other) => other[i] !== segment),
  );
  const segments = common < 0 ? [] : own.slice(common);
  const last = segments.findLastIndex((segment) =>
    name.startsWith(`${segment}_`),
  );
  return segments
    .slice(0, last < 0 ? undefined : last)
    .map((segment) => `${segment}_`)
    .join('');
}

function fixedSegments({ url }: RouteCandidate): string[] {
  const segments = url.path.split('/').filter(Boolean);
  const end = segments.findIndex((segment) => /[:*{(]/.test(segment));
  return segments
    .slice(0, end < 0 ? undefined : end)
    .map((segment) => toSnakeCase(segment));
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

function differByVersion(twins: readonly ToolCandidate[]): boolean {
  return (
    twins.length > 1 && new Set(twins.map(versionOf)).size === twins.length
  );
}
