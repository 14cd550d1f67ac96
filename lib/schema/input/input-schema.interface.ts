import type { ArgumentSource } from '../../nest/route.interface.js';
import type { ObjectSchema } from '../json-schema/json-schema.interface.js';

/** Tells where one argument of a tool goes in the route's HTTP request. */
export interface ArgumentBinding {
  /** The property in the tool's flat arguments object: `id`, or `body_id` after a clash. */
  readonly argument: string;
  readonly source: Exclude<ArgumentSource, 'none'>;
  /**
   * The name in the request: path parameter, query key, header or body property.
   * Undefined where the argument is the whole body.
   */
  readonly field: string | undefined;
  /**
   * Query only: how the value is written. `repeat` is one key per element,
   * `nested` an object whose properties become keys (`filter[a]=1`).
   */
  readonly style?: 'plain' | 'repeat' | 'nested';
  /** Query only: what joins the elements of a list to one value (OpenAPI's `explode: false`). */
  readonly delimiter?: string | undefined;
}

/** How a route reads its body. */
export type BodyEncoding = 'none' | 'json' | 'urlencoded' | 'multipart';

/** What a tool accepts and how it becomes an HTTP request. */
export interface InputSchema {
  /** Advertised in `tools/list`; flat, closed unless the body is open. */
  readonly schema: ObjectSchema;
  readonly bindings: readonly ArgumentBinding[];
  /**
   * Whether arguments without a binding are properties of the body (an open
   * body, such as a loose object). False: the schema refuses them.
   */
  readonly openBody: boolean;
  /** What an open body may not hold, as it is hidden from callers. @default nothing */
  readonly hidden?: readonly string[];
  readonly bodyEncoding: BodyEncoding;
}
