import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { JsonSchema } from '../../schema/json-schema/json-schema.interface.js';
import { mapSubschemas } from '../../schema/json-schema/schema-keywords.js';

const wrapped = new WeakMap<ToolDefinition, ToolDefinition>();

/**
 * A tool as clients before 2026-07-28 are shown it: an output schema that is no
 * object describes the property `result` (MCP 2025-11-25, Tools, "Output
 * Schema"). Its definitions stay at the root, where clients look for them; the
 * SDK would leave them inside.
 */
export function withRootDefinitions(tool: ToolDefinition): ToolDefinition {
  const schema = tool.outputSchema as JsonSchema | undefined;
  if (!schema || schema['type'] === 'object' || !('$defs' in schema)) {
    return tool;
  }
  const known = wrapped.get(tool) ?? {
    ...tool,
    outputSchema: wrap(schema) as unknown as ToolDefinition['outputSchema'],
  };
  wrapped.set(tool, known);
  return known;
}

function wrap(schema: JsonSchema): JsonSchema {
  const { $schema, $defs, ...result } = mapReferences(schema);
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { result },
    required: ['result'],
    $defs,
  };
}

function mapReferences(schema: JsonSchema): JsonSchema {
  const mapped = mapSubschemas(schema, mapReferences);
  const { $ref } = mapped;
  return typeof $ref === 'string' &&
    /^#(?:$|\/)/.test($ref) &&
    !$ref.startsWith('#/$defs/')
    ? { ...mapped, $ref: `#/properties/result${$ref.slice(1)}` }
    : mapped;
}
