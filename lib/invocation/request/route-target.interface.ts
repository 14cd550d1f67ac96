import type { Route, RouteUrl } from '../../nest/route.interface.js';
import type { InputSchema } from '../../schema/input/input-schema.interface.js';

/** Everything about a tool's route that does not change from call to call. */
export interface RouteTarget {
  readonly route: Route;
  readonly url: RouteUrl;
  /** The method to send: the route's own, or the one chosen for an `ALL` route. */
  readonly httpMethod: string;
  readonly input: InputSchema;
  /** Sent on every call: header or media-type version, headers chosen by the developer. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}
