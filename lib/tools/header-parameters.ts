import type { JsonSchema } from '../schema/json-schema/schema-keywords.js';
import { isSchema } from '../schema/json-schema/schema-keywords.js';
import { isSecretName } from '../secrets/secret-name.js';

/** The keyword by which an argument also comes in the header `Mcp-Param-<value>`. */
const KEYWORD = 'x-mcp-header';

/** Keywords whose values are data, even where they look like schemas. */
const DATA = new Set(['const', 'default', 'enum', 'examples', 'example']);
/** Keywords that hold schemas by name, beside `properties`. */
const SCHEMAS_BY_NAME = new Set([
  'patternProperties',
  'dependentSchemas',
  'dependencies',
  '$defs',
  'definitions',
]);
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];
/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

interface Declaration {
  readonly value: unknown;
  readonly schema: JsonSchema;
  /** From the root, by names of properties and, beyond them, keywords. */
  readonly path: readonly string[];
  /** The keyword that keeps clients from finding it. */
  readonly behind: string | undefined;
}

/** The tool that a schema belongs to, for messages. */
interface Subject {
  readonly name: string;
  readonly origin: string;
}

/** Whether some argument comes in a header, too. */
export function declaresHeaders(inputSchema: JsonSchema): boolean {
  return mentionsHeader(inputSchema) && declarationsIn(inputSchema).length > 0;
}

/**
 * Holds `x-mcp-header` to the protocol's rules (MCP 2026-07-28, Streamable
 * HTTP, "Custom Headers from Tool Parameters"): clients drop a tool that breaks
 * them. What looks like a secret is warned of, as proxies log headers.
 *
 * @throws Error naming the tool, the property, the value and the remedy
 */
export function checkHeaderParameters(
  inputSchema: JsonSchema,
  subject: Subject,
  warn: (message: string) => void,
): void {
  if (!mentionsHeader(inputSchema)) {
    return;
  }
  const taken = new Map<string, string>();
  for (const declaration of declarationsIn(inputSchema)) {
    const { value, path } = declaration;
    const property = path.join('.');
    const fault = faultOf(declaration, taken);
    if (fault) {
      throw new Error(
        `Tool "${subject.name}" of ${subject.origin}: ` +
          `${property ? `the property "${property}"` : 'the input schema itself'} ` +
          `has ${KEYWORD} ${JSON.stringify(value)}, but ${fault}`,
      );
    }
    const header = String(value);
    taken.set(header.toLowerCase(), property);
    if ([path.at(-1) ?? '', header].some(isSecretName)) {
      warn(
        `Tool "${subject.name}" of ${subject.origin}: the property ` +
          `"${property}" looks like a secret, and ${KEYWORD} puts it in the ` +
          `header Mcp-Param-${header}, which proxies read and log. Remove ${KEYWORD}.`,
      );
    }
  }
}

function faultOf(
  { value, schema: { type }, path, behind }: Declaration,
  taken: ReadonlyMap<string, string>,
): string | undefined {
  if (behind !== undefined || path.length === 0) {
    const where = behind === undefined ? 'on no property' : `under ${behind}`;
    return (
      `it stands ${where}, where clients do not look. Move it to a property ` +
      'that is reached by properties alone, or remove it.'
    );
  }
  if (typeof value !== 'string' || !TOKEN.test(value)) {
    return 'that is no name of a header. Write letters, digits and hyphens: "Region".';
  }
  if (!TYPES.includes(type)) {
    return (
      `its type is ${JSON.stringify(type) ?? 'not given'}, and headers carry ` +
      '"string", "integer" and "boolean" alone. Change the type, or remove it.'
    );
  }
  const other = taken.get(value.toLowerCase());
  return other === undefined
    ? undefined
    : `"${other}" has that header, in this case or another. Choose a name of its own.`;
}

/** Whether the keyword stands anywhere at all, if only in data: as a rule it does not, which is told sooner. */
function mentionsHeader(schema: JsonSchema): boolean {
  if (KEYWORD in schema) {
    return true;
  }
  for (const key in schema) {
    const part = schema[key];
    if (
      typeof part === 'object' &&
      part !== null &&
      mentionsHeader(part as JsonSchema)
    ) {
      return true;
    }
  }
  return false;
}

function declarationsIn(
  schema: JsonSchema,
  path: readonly string[] = [],
  behind?: string,
): Declaration[] {
  const below = (
    child: unknown,
    step: string,
    keyword: string | undefined,
  ): Declaration[] =>
    isSchema(child) ? declarationsIn(child, [...path, step], keyword) : [];
  return Object.entries(schema).flatMap(([keyword, value]): Declaration[] => {
    if (keyword === KEYWORD) {
      return [{ value, schema, path, behind }];
    }
    if (DATA.has(keyword)) {
      return [];
    }
    if (Array.isArray(value)) {
      return value.flatMap((each) => below(each, keyword, behind ?? keyword));
    }
    if (!isSchema(value)) {
      return [];
    }
    if (keyword === 'properties') {
      return Object.entries(value).flatMap(([name, child]) =>
        below(child, name, behind),
      );
    }
    return SCHEMAS_BY_NAME.has(keyword)
      ? Object.entries(value).flatMap(([name, child]) =>
          below(child, name, behind ?? keyword),
        )
      : below(value, keyword, behind ?? keyword);
  });
}
