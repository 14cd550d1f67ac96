/** An error in OAuth's own form (RFC 6749, section 5.2). */
export interface OAuthErrorBody {
  readonly error: string;
  readonly error_description: string;
}

/** What a client is told of a request that never reached the server proper, by HTTP status. */
export function oauthError(status: number): OAuthErrorBody {
  switch (status) {
    case 413:
      return error('invalid_request', 'The request body is too large');
    case 429:
      return error('temporarily_unavailable', 'Too many requests');
    case 503:
      return error(
        'temporarily_unavailable',
        'The server cannot answer at the moment. Try again later.',
      );
    case 401:
    case 403:
      return error('access_denied', 'This is not allowed');
    case 404:
      return error('invalid_request', 'There is nothing here');
    default:
      return status < 500
        ? error('invalid_request', 'The request could not be read')
        : error('server_error', 'Something went wrong on the server');
  }
}

function error(code: string, description: string): OAuthErrorBody {
  return { error: code, error_description: description };
}
