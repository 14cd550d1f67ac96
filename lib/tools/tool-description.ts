import type { ToolCandidate } from './tool-candidate.interface.js';

/**
 * The developer's own words, else those of `@ApiOperation`, else what is known
 * of the route; then, where it was asked for, the responses.
 */
export function toolDescription(
  candidate: ToolCandidate,
  responses: string,
): string {
  return [candidate.options.description ?? derived(candidate), responses]
    .filter((part) => part !== '')
    .join('\n\n');
}

function derived(candidate: ToolCandidate): string {
  if (candidate.kind === 'provider') {
    return `${candidate.owner.name}.${candidate.methodName}`;
  }
  const { summary, description } = candidate.operation;
  return (
    [summary, description].filter(Boolean).join('\n\n') ||
    `${candidate.httpMethod} ${candidate.url.path}`
  );
}
