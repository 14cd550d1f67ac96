import type { ArgumentSource } from '../../nest/route.interface.js';
import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import type {
  ObjectSchema,
  JsonSchema,
} from '../json-schema/schema-keywords.js';
import type { SchemaInput, SchemaReader } from '../sources/schema-reader.js';

/** Tells where one argument of a tool goes in the route's HTTP request. */
export interface ArgumentTarget {
  /** The property in the tool's flat arguments object: `id`, or `body_id` after a clash. */
  readonly argument: string;
  readonly source: Exclude<ArgumentSource, 'none'>;
  /**
   * The name in the request: path parameter, query key, header or body property.
   * Undefined where the argument is the whole body.
   */
  readonly field: string | undefined;
  /**
   * What joins the elements of a list to one value: OpenAPI's `explode: false`
   * in a query, the separator of `ParseArrayPipe` in a path.
   */
  readonly delimiter?: string | undefined;
}

/** How a route reads its body. */
export type BodyEncoding = 'none' | 'json' | 'urlencoded' | 'multipart';

/** What a tool accepts and how it becomes an HTTP request. */
export interface InputSchema {
  /** Advertised in `tools/list`; flat, closed unless the body is open. */
  readonly schema: ObjectSchema;
  readonly bindings: readonly ArgumentTarget[];
  /**
   * Whether arguments without a binding are properties of the body (an open
   * body, such as a loose object). False: the schema refuses them.
   */
  readonly openBody: boolean;
  /** What an open body may not hold, as it is hidden from callers. @default nothing */
  readonly hidden?: readonly string[];
  readonly bodyEncoding: BodyEncoding;
}

/** What a route's input schema is made from, beside the route. */
export interface InputSchemaOptions {
  /** The tool's own `inputSchema`, which replaces the derived one. */
  readonly explicit?: SchemaInput;
  readonly swagger?: SwaggerOperation | undefined;
  readonly sources: SchemaReader;
  /** Names of the parameters in the URL that the tool calls. */
  readonly pathParameters: readonly string[];
  /** Those of them that the URL can do without. @default none */
  readonly optionalPathParameters?: readonly string[];
  /**
   * Headers, in any case, that are forwarded or fixed, which arguments cannot set.
   *
   * @default none
   */
  readonly takenHeaders?: readonly string[];
  /**
   * Names in the request of values that callers do not give; `explicit` may name them all the same.
   *
   * @default none
   */
  readonly hideArguments?: readonly string[];
  /** Pipes of `@UsePipes()` on the controller and the method, which run before a parameter's own. */
  readonly methodPipes?: readonly unknown[];
  readonly warn: (message: string) => void;
}

/** One value of the request before it has a name among the tool's arguments. */
export interface Argument {
  readonly source: ArgumentTarget['source'];
  /** The name in the request; undefined for the whole body. */
  readonly field: string | undefined;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** What joins the elements of a list to one value; undefined where its place has a form for lists. */
  readonly delimiter?: string | undefined;
  /** Whether only a schema that names it makes it an argument. @default false */
  readonly isHidden?: boolean;
}

/** What a whole object brings: one argument per property. */
export interface ObjectShape {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  /** Undefined or false for a closed object. */
  readonly additionalProperties: unknown;
}

/** The binding of a value to an argument. */
export function bindArgument(
  argument: string,
  {
    source,
    field,
    delimiter,
  }: Pick<Argument, 'source' | 'field' | 'delimiter'>,
): ArgumentTarget {
  return {
    argument,
    source,
    field,
    ...(delimiter !== undefined && { delimiter }),
  };
}
