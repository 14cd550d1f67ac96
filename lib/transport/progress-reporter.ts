import type { Call } from '../invocation/call/call.interface.js';
import type { RequestContext } from './call-request.interface.js';

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
  return growing((progress, total, message) => {
    mcpReq
      .notify({
        method: 'notifications/progress',
        params: {
          progressToken,
          progress,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message }),
        },
      })
      // The client is gone, or the call has been answered: nobody waits for it.
      .catch(() => undefined);
  });
}

/** Drops values that do not grow, or that JSON does not know. */
export function growing(
  report: NonNullable<Call['reportProgress']>,
): NonNullable<Call['reportProgress']> {
  let last = Number.NEGATIVE_INFINITY;
  return (progress, total, message) => {
    if (progress > last && Number.isFinite(progress)) {
      last = progress;
      report(progress, total, message);
    }
  };
}
