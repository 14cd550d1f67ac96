import type { JsonSchema } from '../schema/json-schema/json-schema.interface.js';
import type { Resource } from './resource.interface.js';

type Templated = Pick<Resource, 'template' | 'name'>;

/**
 * Arguments that no URI can have would fail every read.
 *
 * @param label for messages: `The first parameter of Orders.invoice`
 * @throws Error naming them and the remedy
 */
export function refuseUnnamed(
  schema: JsonSchema | undefined,
  { template, name }: Templated,
  label: string,
): void {
  const sure = template?.required ?? [];
  const required = (schema?.['required'] ?? []) as string[];
  const missing = required.filter((argument) => !sure.includes(argument));
  if (missing.length > 0) {
    throw new Error(
      `${label} requires ${quoted(missing)}, which not every URI of "${name}" ` +
        'has. Make it a variable of the path in @McpResource({ uri }), or optional.',
    );
  }
}

/**
 * A variable that leads nowhere is most likely misspelt.
 *
 * @throws Error naming it and the arguments there are
 */
export function refuseUnknown(
  known: readonly string[],
  { template, name }: Templated,
  label: string,
): void {
  const variables = [
    ...(template?.required ?? []),
    ...(template?.optional ?? []),
  ];
  const unknown = variables.filter((variable) => !known.includes(variable));
  if (unknown.length > 0) {
    throw new Error(
      `The template "${name}" has ${quoted(unknown)}, which ${label} does not ` +
        `take. It takes ${known.length > 0 ? quoted(known) : 'nothing'}.`,
    );
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
