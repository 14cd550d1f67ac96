/**
 * What every tool of every server does: it takes an order and answers with the
 * same order and its number. Names, schemas and answers are the same
 * everywhere, so that rows differ by the server alone.
 */
export const ORDER = { name: 'tea', amount: 2 };
export const PLACED = { id: 1, ...ORDER };

/** The answer as a tool result, for servers whose tools are constants. */
export const PLACED_RESULT = {
  content: [{ type: 'text', text: JSON.stringify(PLACED) }],
  structuredContent: PLACED,
};

export const DESCRIPTION = 'Places an order and tells its number';

export const toolName = (index) => `orders_place_${index}`;

/** A list entry as this library makes it from the route: the SDK lists the same bytes. */
export const listEntry = (index) => ({
  name: toolName(index),
  description: DESCRIPTION,
  inputSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      amount: { type: 'integer', minimum: 1 },
    },
    additionalProperties: false,
    required: ['name', 'amount'],
  },
  annotations: { readOnlyHint: false },
});

/** The tool that calls name: in the middle, for servers that look from the first on. */
export const calledTool = (tools) => toolName(Math.floor(tools / 2));

/** The numbers of all tools. */
export const toolIndexes = (tools) =>
  Array.from({ length: tools }, (_, i) => i);
