/**
 * A call to an MCP server failed. Every error of a client is of a class below
 * it, so that one `catch` can tell them from the application's own. Messages
 * hold no token.
 *
 * @publicApi
 */
export abstract class McpClientError extends Error {
  /**
   * @param server name of the server, as in `McpClientModule.forRoot()`
   * @param message without the name, which is put before it
   */
  constructor(
    readonly server: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`MCP server "${server}": ${message}`, options);
  }
}

/**
 * The server cannot be reached, closed the connection, or answered something
 * that is not MCP.
 *
 * @publicApi
 */
export class McpConnectionError extends McpClientError {
  override readonly name = 'McpConnectionError';
  /** Whether the server may have received the request, and acted on it. */
  readonly isSent: boolean;
  /** HTTP status, where the server answered with one. */
  readonly status: number | undefined;

  constructor(
    server: string,
    message: string,
    options: ErrorOptions & {
      readonly isSent?: boolean;
      readonly status?: number;
    } = {},
  ) {
    super(server, message, options);
    this.isSent = options.isSent ?? true;
    this.status = options.status;
  }
}

/**
 * The server refused the call, or the tool failed (`isError`). The message is
 * the server's own: treat it as text from outside.
 *
 * @publicApi
 */
export class McpCallError extends McpClientError {
  override readonly name = 'McpCallError';
  /** JSON-RPC code of the refusal; undefined where the tool itself failed. */
  readonly code: number | undefined;
  /** What the tool gave with `isError`, or the `data` of a JSON-RPC error. */
  readonly details: unknown;

  constructor(
    server: string,
    message: string,
    options: ErrorOptions & {
      readonly code?: number;
      readonly details?: unknown;
    } = {},
  ) {
    super(server, message, options);
    this.code = options.code;
    this.details = options.details;
  }
}

/** No answer came in time; the server was told to stop. @publicApi */
export class McpTimeoutError extends McpClientError {
  override readonly name = 'McpTimeoutError';

  /** @param timeout milliseconds that it was waited for */
  constructor(
    server: string,
    readonly timeout: number,
    options?: ErrorOptions,
  ) {
    super(server, `no answer within ${timeout} ms`, options);
  }
}

/**
 * The server answered 401, also after the token was renewed, or no token could
 * be had (RFC 6750, section 3.1).
 *
 * @publicApi
 */
export class McpUnauthorizedError extends McpClientError {
  override readonly name: string = 'McpUnauthorizedError';
  readonly status = 401;

  /** @param challenge `WWW-Authenticate` of the answer, where there was one */
  constructor(
    server: string,
    message: string,
    readonly challenge?: string,
    options?: ErrorOptions,
  ) {
    super(server, `401 Unauthorized: ${message}`, options);
  }
}

/**
 * The server wants a person, who has to log in, or to agree to more scopes:
 * send the browser of that user to {@link authorizationUrl}, and repeat the call
 * afterwards.
 *
 * @publicApi
 */
export class McpLoginRequiredError extends McpUnauthorizedError {
  override readonly name = 'McpLoginRequiredError';

  /**
   * @param authorizationUrl where the user logs in; for that user alone, once
   * @param scopes that the user is asked to agree to
   */
  constructor(
    server: string,
    readonly authorizationUrl: string,
    readonly scopes: readonly string[],
    challenge?: string,
  ) {
    super(server, 'the user has to log in (authorizationUrl)', challenge);
  }
}

/**
 * The server answered 403: the token lacks scopes (RFC 6750, section 3.1,
 * `insufficient_scope`), and nobody can be asked for them.
 *
 * @publicApi
 */
export class McpInsufficientScopeError extends McpClientError {
  override readonly name = 'McpInsufficientScopeError';
  readonly status = 403;

  /**
   * @param scopes that the server asks for
   * @param challenge `WWW-Authenticate` of the answer
   */
  constructor(
    server: string,
    readonly scopes: readonly string[],
    readonly challenge?: string,
  ) {
    super(
      server,
      `403 Forbidden: the token lacks ${scopes.length > 0 ? `the scopes ${scopes.join(', ')}` : 'scopes'}`,
    );
  }
}
