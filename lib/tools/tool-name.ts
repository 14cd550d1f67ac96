/**
 * What a `toolName` function may build a name from.
 *
 * @publicApi
 */
export interface ToolNameContext {
  /** Class name of the controller or provider. */
  readonly controller: string;
  readonly method: string;
  /** `operationId` of `@ApiOperation`, if given. */
  readonly operationId: string | undefined;
  /** Upper case; undefined for a provider's method. */
  readonly httpMethod: string | undefined;
  /** The URL as Nest registered it; undefined for a provider's method. */
  readonly path: string | undefined;
  readonly version: string | undefined;
}
