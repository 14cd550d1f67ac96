import { checkHeaderParameters, declaresHeaders } from './header-parameters.js';

const SUBJECT = { name: 'query', origin: 'QueryTools.query' };

/** The error a schema is refused with, and what it is warned of. */
function check(schema: Record<string, unknown>): {
  error: string | undefined;
  warnings: string[];
} {
  const warnings: string[] = [];
  try {
    checkHeaderParameters(schema, SUBJECT, (message) => {
      warnings.push(message);
    });
    return { error: undefined, warnings };
  } catch (error) {
    return { error: (error as Error).message, warnings };
  }
}

const withProperties = (
  properties: Record<string, unknown>,
): Record<string, unknown> => ({ type: 'object', properties });
const region = (
  extra: Record<string, unknown> = {},
): Record<string, unknown> => ({
  type: 'string',
  'x-mcp-header': 'Region',
  ...extra,
});

describe('checkHeaderParameters', () => {
  it.each(['string', 'integer', 'boolean'])(
    'allows x-mcp-header on a property of type %s',
    (type) => {
      expect(check(withProperties({ region: region({ type }) }))).toEqual({
        error: undefined,
        warnings: [],
      });
    },
  );

  it('allows it at any depth that properties alone lead to', () => {
    const schema = withProperties({
      place: withProperties({ region: region() }),
    });
    expect(check(schema).error).toBeUndefined();
    expect(declaresHeaders(schema)).toBe(true);
  });

  it('allows every character of a token (RFC 9110)', () => {
    const schema = withProperties({
      region: region({ 'x-mcp-header': "!#$%&'*+-.^_`|~09AZaz" }),
    });
    expect(check(schema).error).toBeUndefined();
  });

  it.each([
    ['no string', 7],
    ['null', null],
    ['empty', ''],
    ['with a space', 'My Region'],
    ['with a colon', 'Region:'],
    ['with CR and LF', 'Region\r\nX-Evil: 1'],
    ['with a line feed at the end', 'Region\n'],
    ['not ASCII', 'Région'],
  ])('refuses a value that is %s', (_, value) => {
    const { error } = check(
      withProperties({ region: region({ 'x-mcp-header': value }) }),
    );
    expect(error).toBe(
      'Tool "query" of QueryTools.query: the property "region" has ' +
        `x-mcp-header ${JSON.stringify(value)}, but that is no name of a ` +
        'header. Write letters, digits and hyphens: "Region".',
    );
  });

  it.each([
    'number',
    'object',
    'array',
    'null',
    undefined,
    [['string', 'null']],
  ])('refuses it on a property of type %s', (type) => {
    const { error } = check(withProperties({ region: region({ type }) }));
    expect(error).toContain('the property "region" has x-mcp-header "Region"');
    expect(error).toContain(
      'headers carry "string", "integer" and "boolean" alone',
    );
    expect(error).toContain(
      type === undefined ? 'not given' : JSON.stringify(type),
    );
  });

  it('refuses the same header twice, in any case and at any depth', () => {
    expect(
      check(
        withProperties({
          region: region(),
          place: withProperties({ area: region({ 'x-mcp-header': 'REGION' }) }),
        }),
      ).error,
    ).toBe(
      'Tool "query" of QueryTools.query: the property "place.area" has ' +
        'x-mcp-header "REGION", but "region" has that header, in this case or ' +
        'another. Choose a name of its own.',
    );
  });

  it.each<[string, Record<string, unknown>]>([
    ['items', withProperties({ all: { type: 'array', items: region() } })],
    [
      'prefixItems',
      withProperties({ all: { type: 'array', prefixItems: [region()] } }),
    ],
    [
      'additionalProperties',
      { type: 'object', additionalProperties: region() },
    ],
    [
      'patternProperties',
      { type: 'object', patternProperties: { '^r': region() } },
    ],
    ['oneOf', { type: 'object', oneOf: [withProperties({ r: region() })] }],
    ['anyOf', withProperties({ r: { anyOf: [region(), { type: 'null' }] } })],
    ['allOf', { type: 'object', allOf: [withProperties({ r: region() })] }],
    ['not', withProperties({ r: { not: region() } })],
    ...['if', 'then', 'else'].map(
      (keyword): [string, Record<string, unknown>] => [
        keyword,
        { type: 'object', [keyword]: withProperties({ r: region() }) },
      ],
    ),
    ['$defs', { type: 'object', $defs: { Region: region() } }],
    ['definitions', { type: 'object', definitions: { Region: region() } }],
  ])('refuses it under %s', (keyword, schema) => {
    expect(check(schema).error).toContain(
      `it stands under ${keyword}, where clients do not look`,
    );
  });

  it('refuses it on the schema itself', () => {
    expect(check(region({ type: 'object' })).error).toContain(
      'the input schema itself has x-mcp-header "Region", but it stands on no property',
    );
  });

  it.each([
    [
      'a property of that name',
      withProperties({ 'x-mcp-header': { type: 'number' } }),
    ],
    [
      'data that looks so',
      withProperties({
        a: { type: 'object', default: region(), examples: [region()] },
        b: { const: region() },
        c: { enum: [region()] },
      }),
    ],
  ])('takes %s for no declaration', (_, schema) => {
    expect(check(schema)).toEqual({ error: undefined, warnings: [] });
    expect(declaresHeaders(schema)).toBe(false);
  });

  it.each([
    ['password', 'Region'],
    ['accessToken', 'Region'],
    ['client_secret', 'Region'],
    ['apiKey', 'Region'],
    ['apikey', 'Region'],
    ['region', 'Authorization'],
    ['region', 'Api-Key'],
  ])('warns of what looks like a secret: %s as %s', (name, header) => {
    const { error, warnings } = check(
      withProperties({ [name]: region({ 'x-mcp-header': header }) }),
    );
    expect(error).toBeUndefined();
    expect(warnings).toEqual([
      `Tool "query" of QueryTools.query: the property "${name}" looks like a ` +
        `secret, and x-mcp-header puts it in the header Mcp-Param-${header}, ` +
        'which proxies read and log. Remove x-mcp-header.',
    ]);
  });

  it.each(['maxTokens', 'tokenizer', 'passage', 'secretary'])(
    'does not take %s for a secret',
    (name) => {
      expect(check(withProperties({ [name]: region() })).warnings).toEqual([]);
    },
  );
});
