import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';

type Handler = (
  request: JSONRPCRequest,
  context: ServerContext,
) => Promise<Result>;

/**
 * The SDK's server, which answers params of a wrong form with "internal error"
 * but for those of `tools/call`. JSON-RPC has a code for them (2.0, section 5.1).
 */
export class ProtocolServer extends Server {
  /** The SDK's hook around every handler. */
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    return super._wrapHandler(method, (request, context) => {
      try {
        return handler(request, context);
      } catch (error) {
        // Handlers reject; what is thrown at once is the check before them.
        throw error instanceof ProtocolError
          ? error
          : new ProtocolError(
              ProtocolErrorCode.InvalidParams,
              `Invalid ${method} request: ${(error as Error).message}`,
            );
      }
    });
  }
}
