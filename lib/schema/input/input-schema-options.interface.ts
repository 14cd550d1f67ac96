import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import type { SchemaSource } from '../sources/schema-source.interface.js';
import type { SchemaSources } from '../sources/schema-sources.js';

/** What a route's input schema is made from, beside the route. */
export interface InputSchemaOptions {
  /** The tool's own `inputSchema`, which replaces the derived one. */
  readonly explicit?: SchemaSource;
  readonly swagger?: SwaggerOperation | undefined;
  readonly sources: SchemaSources;
  /** Names of the parameters in the URL that the tool calls. */
  readonly pathParameters: readonly string[];
  /** Those of them that the URL can do without. @default none */
  readonly optionalPathParameters?: readonly string[];
  /**
   * Headers, in any case, that are forwarded or fixed: none of them is an argument.
   *
   * @default none
   */
  readonly takenHeaders?: readonly string[];
  /**
   * Names in the request of values that are no arguments, unless `explicit` has them.
   *
   * @default none
   */
  readonly hideArguments?: readonly string[];
  /** Pipes of `@UsePipes()` on the controller and the method, which run before a parameter's own. */
  readonly methodPipes?: readonly unknown[];
  readonly warn: (message: string) => void;
}
