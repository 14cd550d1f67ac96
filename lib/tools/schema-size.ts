import type { JsonSchema } from '../schema/json-schema/json-schema.interface.js';

/** Objects within objects; a property of a property takes two. */
const MAX_DEPTH = 128;
/** Objects in all, subschemas and what holds them. */
const MAX_PARTS = 20_000;

/**
 * Bounds what clients, and the compiler of schemas, are made to walk through
 * (MCP 2026-07-28, Tools, "Security Considerations").
 *
 * @param name what the schema is for: `inputSchema of CatsController.find`
 * @throws Error naming the schema, its size and the remedy
 */
export function checkSchemaSize(schema: JsonSchema, name: string): void {
  let parts = 0;
  let level: JsonSchema[] = [schema];
  for (let depth = 1; level.length > 0; depth += 1) {
    parts += level.length;
    if (depth > MAX_DEPTH || parts > MAX_PARTS) {
      throw new Error(
        `${name} is ` +
          (depth > MAX_DEPTH
            ? `nested more than ${MAX_DEPTH} objects deep`
            : `made of more than ${MAX_PARTS} objects`) +
          '. Take a part of it out, or split the tool.',
      );
    }
    const next: JsonSchema[] = [];
    for (const part of level) {
      for (const key in part) {
        const value = part[key];
        if (typeof value === 'object' && value !== null) {
          next.push(value as JsonSchema);
        }
      }
    }
    level = next;
  }
}
