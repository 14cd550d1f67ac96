import type { ToolCandidate } from './tool-candidate.interface.js';
import { toSnakeCase } from './tool-name.js';

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
    `${words(candidate.methodName)} (${candidate.httpMethod} ${asInOpenApi(candidate.url.path)})`
  );
}

/** Whether nobody has said what the tool does. */
export function isUndescribed({
  options,
  ...candidate
}: ToolCandidate): boolean {
  return (
    options.description === undefined &&
    (candidate.kind === 'provider' ||
      !(candidate.operation.summary || candidate.operation.description))
  );
}

/** `getHoldings` as `Get holdings`. */
function words(methodName: string): string {
  const text = toSnakeCase(methodName).split('_').filter(Boolean).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `/cats/:id` as `/cats/{id}`, which models know. */
function asInOpenApi(path: string): string {
  return path.replace(/:(\w+)(\([^)]*\))?\??/g, '{$1}');
}
