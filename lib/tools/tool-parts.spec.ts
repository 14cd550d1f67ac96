import { checkSchemaSize } from './tool-parts.js';

const nested = (levels: number): Record<string, unknown> => {
  let schema: Record<string, unknown> = { type: 'string' };
  for (let level = 1; level < levels; level += 1) {
    schema = { items: schema };
  }
  return schema;
};

const wide = (properties: number): Record<string, unknown> => ({
  properties: Object.fromEntries(
    Array.from({ length: properties }, (_, index) => [`p${index}`, {}]),
  ),
});

describe('checkSchemaSize', () => {
  it('allows what is within the limits', () => {
    expect(() => checkSchemaSize(nested(128), 'it')).not.toThrow();
    expect(() => checkSchemaSize(wide(19_998), 'it')).not.toThrow();
  });

  it('refuses a schema that is too deep, however deep', () => {
    const message =
      'inputSchema of A.b is nested more than 128 objects deep. Take a part of it out, or split the tool.';
    expect(() => checkSchemaSize(nested(129), 'inputSchema of A.b')).toThrow(
      message,
    );
    expect(() => checkSchemaSize(nested(1e6), 'inputSchema of A.b')).toThrow(
      message,
    );
  });

  it('refuses a schema of too many parts', () => {
    expect(() => checkSchemaSize(wide(19_999), 'inputSchema of A.b')).toThrow(
      'inputSchema of A.b is made of more than 20000 objects. Take a part of it out, or split the tool.',
    );
  });
});
