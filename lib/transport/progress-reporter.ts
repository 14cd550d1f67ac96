import type { Call } from '../invocation/call/call.interface.js';
import type { RequestContext } from './call-request.interface.js';
import { currentExchange } from './exchange.js';
import { READY } from './streams/outlet.js';
import { Pace } from './streams/pace.js';

/**
 * Sends progress to a client that asked for it (MCP, Progress): values that do
 * not grow are dropped. Undefined where it did not ask.
 */
export function progressReporter({
  mcpReq,
}: RequestContext): Call['reportProgress'] {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) {
    return undefined;
  }
  const pace = new Pace(currentExchange());
  return growing((progress, total, message) =>
    pace.report(() =>
      mcpReq.notify({
        method: 'notifications/progress',
        params: {
          progressToken,
          progress,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message }),
        },
      }),
    ),
  );
}

/** Drops values that do not grow, or that JSON does not know. */
export function growing(
  report: NonNullable<Call['reportProgress']>,
): NonNullable<Call['reportProgress']> {
  let last = Number.NEGATIVE_INFINITY;
  return (progress, total, message) => {
    if (progress > last && Number.isFinite(progress)) {
      last = progress;
      return report(progress, total, message);
    }
    return READY;
  };
}
